-- name: waiting
-- Dialogs with messages that nobody has handled, quiet since a moment: a burst is one turn.
SELECT dialog_id FROM messages
WHERE company_id = :company_id AND state = 'received'
GROUP BY dialog_id HAVING max(created_at) <= :quiet_since ORDER BY min(message_id);

-- name: dialog
-- A dialog with what the receptionist may know of the client and the reactivation.
SELECT g.dialog_id, g.phone, g.client_id, g.account_id, g.reactivation_id, g.state, c.name,
       coalesce(h.last_service_id, d.service_id) AS service_id, d.staff_id,
       h.response_type
FROM dialogs g
LEFT JOIN clients c ON c.company_id = g.company_id AND c.client_id = g.client_id
LEFT JOIN client_reactivation_history h
       ON h.company_id = g.company_id AND h.id = g.reactivation_id
LEFT JOIN client_due_dates d ON d.company_id = g.company_id AND d.client_id = g.client_id
WHERE g.company_id = :company_id AND g.dialog_id = :dialog_id;

-- name: received
SELECT message_id, kind, body, said_at FROM messages
WHERE company_id = :company_id AND dialog_id = :dialog_id AND state = 'received'
ORDER BY message_id;

-- name: service
SELECT title, price_minor, duration_minutes FROM services
WHERE company_id = :company_id AND service_id = :service_id;

-- name: masters
-- Those who do the service, as the calendar finds them: all where nobody is known to.
WITH doers AS (SELECT DISTINCT staff_id FROM bookings
               WHERE company_id = :company_id AND service_id = :service_id AND staff_id IS NOT NULL)
SELECT s.staff_id, s.name FROM staff s
WHERE s.company_id = :company_id AND s.is_active
  AND (s.staff_id IN (SELECT staff_id FROM doers) OR NOT EXISTS (SELECT FROM doers))
  AND EXISTS (
    SELECT FROM staff_hours h WHERE h.company_id = s.company_id AND h.staff_id = s.staff_id)
ORDER BY s.name;

-- name: hours
-- The weekdays and the widest hours at which somebody works.
SELECT weekday, min(opens), max(closes) FROM staff_hours
WHERE company_id = :company_id GROUP BY weekday ORDER BY weekday;

-- name: lock_dialog
SELECT FROM dialogs WHERE company_id = :company_id AND dialog_id = :dialog_id FOR UPDATE;

-- name: handled
-- Only as a whole: what another worker has handled meanwhile is not handled again.
UPDATE messages SET state = 'handled', intent = :intent, confidence = :confidence
WHERE company_id = :company_id AND message_id = ANY(:message_ids) AND state = 'received';

-- name: store_answer
INSERT INTO messages (company_id, dialog_id, account_id, direction, body, state, reactivation_id,
                      answers_message_id, said_at)
VALUES (:company_id, :dialog_id, :account_id, 'out', :body, 'written', :reactivation_id,
        :answers, :now);

-- name: store_dialog
UPDATE dialogs SET state = :state, updated_at = :now
WHERE company_id = :company_id AND dialog_id = :dialog_id;

-- name: record_type
-- A question does not unsay a yes or a no; a no unsays a yes.
UPDATE client_reactivation_history
SET response_type = CASE WHEN :response_type = 'neutral' THEN coalesce(response_type, 'neutral')
                         ELSE :response_type END,
    updated_at = :now
WHERE company_id = :company_id AND id = :reactivation_id;

-- name: record_booking
UPDATE client_reactivation_history
SET booking_created = true, booking_id = :booking_id, booking_created_at = :now, updated_at = :now
WHERE company_id = :company_id AND id = :reactivation_id AND NOT booking_created;

-- name: declined
UPDATE clients SET declined_at = :now WHERE company_id = :company_id AND client_id = :client_id;

-- name: remind
UPDATE clients SET remind_on = :remind_on
WHERE company_id = :company_id AND client_id = :client_id;

-- name: opt_out
INSERT INTO opt_outs (company_id, phone_hash, source, created_at)
VALUES (:company_id, :phone_hash, :source, :now) ON CONFLICT DO NOTHING;

-- name: cancel_reactivations
-- Everything queued for this phone, in the same transaction as the opt-out.
-- One that may have left already (a repeat of a doubtful call) is unknown, not skipped.
UPDATE client_reactivation_history
SET state = CASE WHEN claimed_at IS NULL THEN 'skipped' ELSE 'unknown' END, reason = 'opted_out',
    updated_at = :now
WHERE company_id = :company_id AND phone = :phone AND state IN ('planned', 'written');

-- name: cancel_answers
UPDATE messages m SET state = 'skipped' FROM dialogs g
WHERE m.company_id = :company_id AND g.company_id = :company_id AND g.dialog_id = m.dialog_id
  AND g.phone = :phone AND m.direction = 'out' AND m.state = 'written';
