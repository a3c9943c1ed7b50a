-- name: account
-- Which number a message came to: where it is stored already, whose message it quotes, who wrote to
-- this person last, or the company's first real one.
SELECT coalesce(
    (SELECT m.account_id FROM accounts a
     JOIN messages m ON m.company_id = a.company_id AND m.account_id = a.account_id
                    AND m.direction = 'in' AND m.provider_message_id = :message_id
     WHERE a.company_id = :company_id ORDER BY m.message_id LIMIT 1),
    (SELECT h.account_id FROM accounts a
     JOIN client_reactivation_history h ON h.company_id = a.company_id
                    AND h.account_id = a.account_id AND h.provider_message_id = :quoted
     WHERE a.company_id = :company_id ORDER BY h.id DESC LIMIT 1),
    (SELECT h.account_id FROM client_reactivation_history h
     WHERE h.company_id = :company_id AND h.phone = :phone AND h.claimed_at IS NOT NULL
     ORDER BY h.claimed_at DESC LIMIT 1),
    (SELECT g.account_id FROM dialogs g
     WHERE g.company_id = :company_id AND (g.phone = :phone OR g.lid = :lid)
     ORDER BY g.phone IS NULL LIMIT 1),
    (SELECT a.account_id FROM accounts a WHERE a.company_id = :company_id
     ORDER BY a.channel = 'sandbox', a.account_id LIMIT 1));

-- name: message
SELECT state, reading, reactivation_id, body, said_at FROM messages
WHERE company_id = :company_id AND account_id = :account_id AND direction = 'in'
  AND provider_message_id = :message_id;

-- name: is_stopped
SELECT EXISTS (SELECT FROM opt_outs
               WHERE company_id = :company_id AND phone_hash = ANY(:keys::bytea[]));

-- name: service
SELECT service_id, title FROM services
WHERE company_id = :company_id AND service_id = :service_id;

-- name: service_named
SELECT service_id FROM service_names WHERE company_id = :company_id AND folded = :folded;

-- name: staff
SELECT staff_id FROM staff WHERE company_id = :company_id AND staff_id = :staff_id;

-- name: staff_named
SELECT staff_id FROM staff
WHERE company_id = :company_id AND (external_key = lower(:name) OR lower(name) = lower(:name))
ORDER BY external_key = lower(:name) DESC, is_active DESC, staff_id LIMIT 1;

-- name: lock_client
-- Two calls about one client's bookings, one after the other.
SELECT FROM clients WHERE company_id = :company_id AND client_id = :client_id FOR UPDATE;

-- name: booking
SELECT booking_id, client_id, state FROM bookings
WHERE company_id = :company_id AND origin = 'crm' AND external_key = :reference
ORDER BY booking_id LIMIT 1;

-- name: add_booking
INSERT INTO bookings (company_id, origin, external_key, client_id, service_id, staff_id, on_date,
                      starts_at, ends_at, state, booked_at, reactivation_id)
SELECT :company_id, 'crm', :reference, :client_id, :service_id, :staff_id, :on_date, :starts_at,
       :starts_at + make_interval(mins => coalesce(
           (SELECT duration_minutes FROM services
            WHERE company_id = :company_id AND service_id = :service_id), 60)),
       'booked', :now, :reactivation_id
ON CONFLICT (company_id, origin, external_key, service_id) WHERE origin <> 'file' DO NOTHING
RETURNING booking_id;

-- name: bring_up_to_date
-- Told again: it may have been moved since, and it is known now what it came of.
UPDATE bookings b
SET reactivation_id = coalesce(b.reactivation_id, :reactivation_id),
    service_id = coalesce(:service_id, b.service_id), staff_id = coalesce(:staff_id, b.staff_id),
    ends_at = :starts_at + coalesce(b.ends_at - b.starts_at, interval '1 hour'),
    starts_at = :starts_at, on_date = :on_date, updated_at = :now
WHERE b.company_id = :company_id AND b.booking_id = :booking_id AND b.state = 'booked'
  AND (b.reactivation_id, b.service_id, b.staff_id, b.starts_at) IS DISTINCT FROM
      (coalesce(b.reactivation_id, :reactivation_id), coalesce(:service_id, b.service_id),
       coalesce(:staff_id, b.staff_id), :starts_at);

-- name: release
DELETE FROM busy_quarters WHERE company_id = :company_id AND booking_id = :booking_id;

-- name: occupy
-- So that the built-in calendar does not offer this time. What overlaps in the salon's own book
-- stays so.
INSERT INTO busy_quarters (company_id, staff_id, starts_at, booking_id)
SELECT b.company_id, b.staff_id, q, b.booking_id
FROM bookings b,
     generate_series(date_bin('15 minutes', b.starts_at, '2000-01-01Z'),
                     b.ends_at - interval '1 second', '15 minutes') AS q
WHERE b.company_id = :company_id AND b.booking_id = :booking_id AND b.state = 'booked'
  AND b.staff_id IS NOT NULL AND b.starts_at > :now
ON CONFLICT DO NOTHING;
