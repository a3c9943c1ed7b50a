-- name: connection
SELECT crm, external_id, sealed_token, state FROM crm_connections WHERE company_id = :company_id;

-- name: company
SELECT timezone, locale FROM companies WHERE company_id = :company_id;

-- name: service
SELECT title, external_key, duration_minutes FROM services
WHERE company_id = :company_id AND service_id = :service_id;

-- name: masters
-- Who does a service, with their own minutes for it; all where nobody is known to.
WITH doers AS (SELECT staff_id, duration_minutes FROM staff_services
               WHERE company_id = :company_id AND service_id = :service_id)
SELECT s.staff_id, s.name, s.external_key, d.duration_minutes
FROM staff s LEFT JOIN doers d USING (staff_id)
WHERE s.company_id = :company_id AND s.is_active AND starts_with(s.external_key, :prefix)
  AND (d.staff_id IS NOT NULL OR NOT EXISTS (SELECT FROM doers))
ORDER BY s.staff_id;

-- name: staff
SELECT external_key FROM staff WHERE company_id = :company_id AND staff_id = :staff_id;

-- name: staff_known_as
SELECT staff_id, name FROM staff WHERE company_id = :company_id AND external_key = :external_key;

-- name: client
SELECT external_key, name, surname, phone FROM clients
WHERE company_id = :company_id AND client_id = :client_id;

-- name: keep
-- What we booked; a sync may have brought it already.
INSERT INTO bookings (company_id, origin, external_key, client_id, service_id, staff_id, on_date,
                      starts_at, ends_at, state, booked_at, reactivation_id, updated_at)
VALUES (:company_id, 'crm', :record_id, :client_id, :service_id, :staff_id, :on_date, :starts_at,
        :ends_at, 'booked', :now, :reactivation_id, :now)
ON CONFLICT (company_id, origin, external_key, service_id) WHERE origin <> 'file' DO UPDATE SET
    reactivation_id = coalesce(bookings.reactivation_id, excluded.reactivation_id),
    booked_at = coalesce(bookings.booked_at, excluded.booked_at),
    updated_at = excluded.updated_at
RETURNING booking_id;

-- name: appointments
-- What a client has booked from a day on. What another program keeps cannot be changed here.
SELECT b.booking_id, b.origin = 'crm' AS in_crm, b.external_key AS record_id, b.on_date, b.starts_at,
       b.staff_id, s.name AS staff_name,
       regexp_replace(s.external_key, '^yclients:', '') AS staff_key, b.service_id, v.title AS service_title
FROM bookings b
LEFT JOIN staff s ON s.company_id = b.company_id AND s.staff_id = b.staff_id
LEFT JOIN services v ON v.company_id = b.company_id AND v.service_id = b.service_id
WHERE b.company_id = :company_id AND b.client_id = :client_id AND b.state = 'booked'
  AND b.on_date >= :first_day
ORDER BY b.on_date, b.starts_at, b.booking_id;

-- name: to_change
SELECT b.booking_id, b.external_key AS record_id, v.external_key AS service_key
FROM bookings b
LEFT JOIN services v ON v.company_id = b.company_id AND v.service_id = b.service_id
WHERE b.company_id = :company_id AND b.client_id = :client_id AND b.booking_id = ANY(:booking_ids)
  AND b.origin = 'crm'
ORDER BY b.booking_id;

-- name: cancelled
UPDATE bookings SET state = 'cancelled', cancelled_at = coalesce(cancelled_at, :now), updated_at = :now
WHERE company_id = :company_id AND booking_id = ANY(:booking_ids) AND state <> 'cancelled';

-- name: moved
-- All that a record holds is moved with it.
UPDATE bookings
SET starts_at = :starts_at, ends_at = :ends_at, on_date = :on_date, staff_id = :staff_id,
    state = 'booked', updated_at = :now
WHERE company_id = :company_id AND origin = 'crm' AND external_key = ANY(:record_ids)
  AND state IN ('booked', 'cancelled');
