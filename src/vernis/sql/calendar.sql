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

-- name: appointments
-- What a client has booked from a day on, every service of one day together. What came from a
-- file is kept in another program: a change here would not be one there.
SELECT array_agg(b.booking_id ORDER BY b.starts_at, b.booking_id) AS booking_ids, b.on_date AS on,
       min(b.starts_at) AS starts_at, count(DISTINCT b.staff_id) AS masters,
       min(b.staff_id) AS staff_id, min(s.name) AS staff_name,
       count(*) AS services, min(b.service_id) AS service_id, min(v.title) AS service_title,
       bool_and(b.origin <> 'file') AS changeable
FROM bookings b
LEFT JOIN staff s ON s.company_id = b.company_id AND s.staff_id = b.staff_id
LEFT JOIN services v ON v.company_id = b.company_id AND v.service_id = b.service_id
WHERE b.company_id = :company_id AND b.client_id = :client_id AND b.state = 'booked'
  AND b.on_date >= :first_day
GROUP BY b.on_date ORDER BY b.on_date;

-- name: to_change
-- Only the client's own, and only what is still booked.
SELECT booking_id FROM bookings
WHERE company_id = :company_id AND client_id = :client_id AND booking_id = ANY(:booking_ids)
  AND state = 'booked'
ORDER BY booking_id FOR UPDATE;

-- name: is_changed
-- Cancelled, or standing at the new time, all of them.
SELECT count(*) = cardinality(:booking_ids::bigint[]) FROM bookings
WHERE company_id = :company_id AND client_id = :client_id AND booking_id = ANY(:booking_ids)
  AND CASE WHEN :starts_at::timestamptz IS NULL THEN state = 'cancelled'
           ELSE state = 'booked' AND starts_at = :starts_at AND staff_id = :staff_id END;

-- name: free
DELETE FROM busy_quarters WHERE company_id = :company_id AND booking_id = ANY(:booking_ids);

-- name: cancel
UPDATE bookings SET state = 'cancelled', cancelled_at = :now, updated_at = :now
WHERE company_id = :company_id AND booking_id = ANY(:booking_ids);

-- name: move
UPDATE bookings
SET starts_at = :starts_at, ends_at = :ends_at, on_date = :on_date, staff_id = :staff_id,
    service_id = :service_id, updated_at = :now
WHERE company_id = :company_id AND booking_id = ANY(:booking_ids);
