-- name: zone
SELECT timezone FROM companies WHERE company_id = :company_id;

-- name: service
SELECT title, duration_minutes FROM services
WHERE company_id = :company_id AND service_id = :service_id;

-- name: shifts
-- Hours of the staff who do this service; of all where nobody is known to.
WITH doers AS (SELECT DISTINCT staff_id FROM bookings
               WHERE company_id = :company_id AND service_id = :service_id AND staff_id IS NOT NULL)
SELECT s.staff_id, s.name, h.weekday, h.opens, h.closes
FROM staff s
JOIN staff_hours h ON h.company_id = s.company_id AND h.staff_id = s.staff_id
WHERE s.company_id = :company_id AND s.is_active
  AND (s.staff_id IN (SELECT staff_id FROM doers) OR NOT EXISTS (SELECT FROM doers))
ORDER BY s.staff_id, h.weekday, h.opens;

-- name: busy
SELECT staff_id, starts_at FROM busy_quarters
WHERE company_id = :company_id AND starts_at >= :since AND starts_at < :until;

-- name: book
INSERT INTO bookings (company_id, origin, external_key, client_id, service_id, staff_id, on_date,
                      starts_at, ends_at, state, booked_at, reactivation_id)
VALUES (:company_id, 'vernis', :key, :client_id, :service_id, :staff_id, :on_date, :starts_at,
        :ends_at, 'booked', :now, :reactivation_id)
ON CONFLICT (company_id, origin, external_key, service_id) WHERE origin <> 'file' DO NOTHING
RETURNING booking_id;

-- name: occupy
-- A quarter that somebody else has makes this fail as a whole: that is the point.
INSERT INTO busy_quarters (company_id, staff_id, starts_at, booking_id)
SELECT :company_id, :staff_id, q, :booking_id FROM unnest(:quarters::timestamptz[]) AS q;

-- name: find
SELECT booking_id FROM bookings
WHERE company_id = :company_id AND origin = 'vernis' AND external_key = :key;
