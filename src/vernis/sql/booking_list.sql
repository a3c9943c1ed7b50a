-- name: listed
-- Bookings, the newest first by their ids.
SELECT b.booking_id, b.client_id, c.external_key AS client_key, c.name AS client_name,
       b.service_id, s.title AS service_title, b.staff_id, t.name AS staff_name, b.on_date,
       b.starts_at, b.ends_at, b.state, b.amount_minor, b.booked_at, b.cancelled_at, b.origin,
       b.external_key, coalesce(b.reactivation_id, h.id) AS reactivation_id
FROM bookings b
JOIN clients c ON c.company_id = :company_id AND c.client_id = b.client_id
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = b.service_id
LEFT JOIN staff t ON t.company_id = :company_id AND t.staff_id = b.staff_id
LEFT JOIN LATERAL (
    SELECT id FROM client_reactivation_history x
    WHERE x.company_id = :company_id AND x.client_id = b.client_id
      AND x.booking_id = b.booking_id ORDER BY id LIMIT 1) AS h ON true
WHERE b.company_id = :company_id AND b.booking_id < :before
  AND (:booking_id::bigint IS NULL OR b.booking_id = :booking_id)
  AND (:client_id::bigint IS NULL OR b.client_id = :client_id)
  AND (:state::text IS NULL OR b.state = :state)
  AND (:origin::text IS NULL OR b.origin = :origin)
  AND (:won::boolean IS NULL OR (coalesce(b.reactivation_id, h.id) IS NOT NULL) = :won)
  AND (:first_day::date IS NULL OR b.on_date >= :first_day)
  AND (:last_day::date IS NULL OR b.on_date <= :last_day)
ORDER BY b.booking_id DESC LIMIT :most;
