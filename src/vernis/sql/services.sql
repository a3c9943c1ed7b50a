-- name: service_names
SELECT folded, service_id FROM service_names WHERE company_id = :company_id;

-- name: add_service
INSERT INTO services (company_id, title, category, price_minor, duration_minutes, is_active,
                      standard_key, standard_confidence)
VALUES (:company_id, :title, :category, :price_minor, coalesce(:duration_minutes, 60), :is_active,
        :standard_key, :standard_confidence)
RETURNING service_id;

-- name: change_service
UPDATE services SET title = :title, category = coalesce(:category, category),
    price_minor = coalesce(:price_minor, price_minor),
    duration_minutes = coalesce(:duration_minutes, duration_minutes), is_active = :is_active,
    standard_key = :standard_key, standard_confidence = :standard_confidence
WHERE company_id = :company_id AND service_id = :service_id;

-- name: name_service
INSERT INTO service_names (company_id, folded, service_id)
VALUES (:company_id, :folded, :service_id)
ON CONFLICT (company_id, folded) DO UPDATE SET service_id = excluded.service_id;

-- name: unite_doubled_bookings
-- Two names turn out to be one service: of a day's two rows the one that says more takes over what
-- only the other one says, and the conversions that were counted by it.
WITH doubled AS (
    SELECT k.booking_id AS kept, b.booking_id AS dropped, b.staff_id, b.starts_at, b.amount_minor,
           b.booked_at, b.external_key
    FROM bookings b
    JOIN bookings k ON k.company_id = :company_id AND k.origin = 'file'
                   AND k.client_id = b.client_id AND k.on_date = b.on_date
                   AND k.service_id IN (:kept, :merged) AND k.service_id <> b.service_id
    WHERE b.company_id = :company_id AND b.origin = 'file' AND b.service_id IN (:kept, :merged)
      AND (array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], b.state),
           b.booking_id)
        < (array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], k.state),
           k.booking_id)),
filled AS (
    UPDATE bookings k SET staff_id = coalesce(k.staff_id, d.staff_id),
        starts_at = coalesce(k.starts_at, d.starts_at),
        amount_minor = coalesce(k.amount_minor, d.amount_minor),
        booked_at = least(k.booked_at, d.booked_at),
        external_key = coalesce(k.external_key, d.external_key), updated_at = now()
    FROM doubled d WHERE k.company_id = :company_id AND k.booking_id = d.kept),
followed AS (
    UPDATE client_reactivation_history h SET booking_id = d.kept
    FROM doubled d WHERE h.company_id = :company_id AND h.booking_id = d.dropped)
DELETE FROM bookings b USING doubled d
WHERE b.company_id = :company_id AND b.booking_id = d.dropped;

-- name: move_bookings
UPDATE bookings SET service_id = :kept WHERE company_id = :company_id AND service_id = :merged;

-- name: move_reactivations
UPDATE client_reactivation_history SET last_service_id = :kept
WHERE company_id = :company_id AND last_service_id = :merged;

-- name: move_intents
UPDATE booking_intents SET service_id = :kept
WHERE company_id = :company_id AND service_id = :merged;

-- name: keep_own_interval
UPDATE services k SET own_interval_days = coalesce(k.own_interval_days, m.own_interval_days)
FROM services m
WHERE k.company_id = :company_id AND k.service_id = :kept
  AND m.company_id = :company_id AND m.service_id = :merged AND m.own_interval_days IS NOT NULL;

-- name: drop_service
DELETE FROM services WHERE company_id = :company_id AND service_id = :merged;

-- name: has_service_list
SELECT EXISTS (SELECT FROM imports WHERE company_id = :company_id AND kind = 'services');

-- name: listed_by_crm
SELECT external_key, service_id, title, category, price_minor, duration_minutes, is_active
FROM services WHERE company_id = :company_id AND external_key IS NOT NULL;

-- name: set_external_key
UPDATE services SET external_key = :external_key
WHERE company_id = :company_id AND service_id = :service_id;

-- name: retire
UPDATE services SET is_active = false
WHERE company_id = :company_id AND service_id = ANY(:service_ids::bigint[]);
