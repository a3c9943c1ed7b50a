-- name: listed
-- Bookings, the newest first by their ids.
SELECT b.booking_id, b.client_id, c.external_key AS client_key, c.name AS client_name,
       b.service_id, s.title AS service_title, b.staff_id, t.name AS staff_name, b.on_date,
       b.starts_at, b.ends_at, b.state, b.amount_minor, b.booked_at, b.cancelled_at, b.origin,
       b.external_key,
       coalesce(b.reactivation_id, (
           SELECT min(id) FROM client_reactivation_history h
           WHERE h.company_id = :company_id AND h.client_id = b.client_id
             AND h.booking_id = b.booking_id)) AS reactivation_id
FROM bookings b
JOIN clients c ON c.company_id = :company_id AND c.client_id = b.client_id
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = b.service_id
LEFT JOIN staff t ON t.company_id = :company_id AND t.staff_id = b.staff_id
WHERE b.company_id = :company_id AND b.booking_id < :before
  AND (:booking_id::bigint IS NULL OR b.booking_id = :booking_id)
  AND (:client_id::bigint IS NULL OR b.client_id = :client_id)
  AND (:state::text IS NULL OR b.state = :state)
  AND (:origin::text IS NULL OR b.origin = :origin)
  AND (:won::boolean IS NULL OR :won = (b.reactivation_id IS NOT NULL OR b.booking_id IN (
           SELECT booking_id FROM client_reactivation_history
           WHERE company_id = :company_id AND booking_id IS NOT NULL)))
  AND (:first_day::date IS NULL OR b.on_date >= :first_day)
  AND (:last_day::date IS NULL OR b.on_date <= :last_day)
ORDER BY b.booking_id DESC LIMIT :most;
