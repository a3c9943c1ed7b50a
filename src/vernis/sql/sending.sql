-- name: accounts
-- Numbers with something to send, free to send now; whoever holds one keeps others out.
SELECT a.account_id, a.channel, a.gap_seconds, a.daily_limit
       - (SELECT count(*) FROM client_reactivation_history s
          WHERE s.company_id = a.company_id AND s.account_id = a.account_id
            AND s.claimed_at >= :midnight) AS left_today
FROM accounts a
WHERE a.company_id = :company_id AND a.state = 'active' AND a.next_free_at <= :now
  AND a.channel = ANY(:channels)
  AND EXISTS (SELECT FROM client_reactivation_history h
              WHERE h.company_id = a.company_id AND h.account_id = a.account_id
                AND h.state = 'written' AND h.send_after <= :now)
FOR UPDATE OF a SKIP LOCKED;

-- name: due
-- Written reactivations whose time has come, with a last look at everything that can change.
SELECT h.id, h.phone, h.message_text, h.deadline, h.send_tries, h.claimed_at, h.campaign,
       h.inactive_days, h.last_visit_date, h.last_service_id, h.last_service_name, h.interval_days,
       h.interval_source, h.confidence_score, h.planned_at, h.offer, h.message_times, c.name,
       c.phone AS phone_now, c.blacklisted, c.consent, c.declined_at,
       (SELECT max(on_date) FROM bookings b
        WHERE b.company_id = h.company_id AND b.client_id = h.client_id AND b.state = 'completed')
       AS visited_on,
       (SELECT min(on_date) FROM bookings b
        WHERE b.company_id = h.company_id AND b.client_id = h.client_id AND b.state = 'booked'
          AND b.on_date >= :today) AS booked_on,
       EXISTS (SELECT FROM dialogs g
               WHERE g.company_id = h.company_id AND g.client_id = h.client_id
                 AND (g.waiting_since IS NOT NULL OR g.silent_until > :now)) AS with_person
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
WHERE h.company_id = :company_id AND h.account_id = :account_id AND h.state = 'written'
  AND h.send_after <= :now
ORDER BY h.id LIMIT :batch
FOR UPDATE OF h SKIP LOCKED;

-- name: claim
-- Commits before the call: whatever happens after, this message is never sent as a new one.
UPDATE client_reactivation_history
SET state = 'claimed', claimed_at = :now, send_tries = send_tries + 1, updated_at = :now
WHERE company_id = :company_id AND id = ANY(:ids);

-- name: drop
-- Not sent, with the reason; one whose earlier call had no outcome may have left and is `unknown`.
UPDATE client_reactivation_history h
SET state = CASE WHEN h.claimed_at IS NULL THEN t.state ELSE 'unknown' END,
    reason = CASE WHEN h.claimed_at IS NULL THEN t.reason ELSE h.reason END, updated_at = :now
FROM unnest(:ids::bigint[], :states::text[], :reasons::text[]) AS t (id, state, reason)
WHERE h.company_id = :company_id AND h.id = t.id;

-- name: expire
-- What missed its day's hours is not sent late; what may have left already is not repeated.
UPDATE client_reactivation_history
SET state = CASE WHEN claimed_at IS NULL THEN 'expired' ELSE 'unknown' END,
    reason = CASE WHEN claimed_at IS NULL THEN :reason ELSE reason END, updated_at = :now
WHERE company_id = :company_id AND state = 'written' AND deadline <= :now;

-- name: take_back
-- A time that the text names is no longer free, and no call was made: it is written anew, without
-- times. One that a person edited waits for a person again. One whose earlier call had no outcome
-- may have left and is `unknown`.
UPDATE client_reactivation_history h
SET state = CASE WHEN t.doubtful THEN 'unknown' WHEN h.message_generated IS NULL THEN 'planned'
                 ELSE 'written' END,
    claimed_at = CASE WHEN t.doubtful THEN h.claimed_at END,
    send_tries = CASE WHEN t.doubtful THEN h.send_tries ELSE 0 END,
    send_after = NULL, approved_at = NULL, message_times = '[]', updated_at = :now
FROM unnest(:ids::bigint[], :doubtfuls::boolean[]) AS t (id, doubtful)
WHERE h.company_id = :company_id AND h.id = t.id AND h.state = 'claimed';

-- name: occupy_account
UPDATE accounts SET next_free_at = :next_free_at
WHERE company_id = :company_id AND account_id = :account_id;

-- name: settle
-- What came of the calls. A reply, an event or `recover` may have overtaken us: the state goes
-- never back, but the provider's id and an acceptance are facts whenever they come. A refused try
-- left nothing behind: without its claim the row is as new.
UPDATE client_reactivation_history h
SET state = CASE WHEN h.state = 'claimed' OR h.state IN ('written', 'unknown')
                      AND t.state = 'accepted' THEN t.state ELSE h.state END,
    provider_message_id = coalesce(h.provider_message_id, t.provider_id),
    message_sent_at = coalesce(t.sent_at, h.message_sent_at),
    reason = CASE WHEN h.state = 'claimed' THEN coalesce(t.reason, h.reason) ELSE h.reason END,
    send_after = coalesce(t.send_after, h.send_after),
    claimed_at = CASE WHEN h.state = 'claimed' AND t.unclaim THEN NULL ELSE h.claimed_at END,
    updated_at = :now
FROM unnest(:ids::bigint[], :states::text[], :provider_ids::text[], :sent_ats::timestamptz[],
            :reasons::text[], :send_afters::timestamptz[], :unclaims::boolean[])
     AS t (id, state, provider_id, sent_at, reason, send_after, unclaim)
WHERE h.company_id = :company_id AND h.id = t.id;

-- name: reactivation_by_provider_id
-- Two events at once take turns.
SELECT id, state FROM client_reactivation_history
WHERE company_id = :company_id AND account_id = :account_id AND provider_message_id = :provider_id
FOR UPDATE;

-- name: answer_by_provider_id
SELECT message_id, state FROM messages
WHERE company_id = :company_id AND account_id = :account_id AND direction = 'out'
  AND provider_message_id = :provider_id
FOR UPDATE;

-- name: move_reactivation
UPDATE client_reactivation_history
SET state = :state, updated_at = :now,
    reason = CASE WHEN :state = 'failed' THEN :refused ELSE reason END,
    message_sent_at = CASE WHEN :state IN ('accepted', 'delivered', 'read')
                           THEN coalesce(message_sent_at, :at) ELSE message_sent_at END,
    delivered_at = CASE WHEN :state IN ('delivered', 'read') THEN coalesce(delivered_at, :at)
                        ELSE delivered_at END,
    read_at = CASE WHEN :state = 'read' THEN coalesce(read_at, :at) ELSE read_at END
WHERE company_id = :company_id AND id = :id;

-- name: move_answer
UPDATE messages SET state = :state WHERE company_id = :company_id AND message_id = :id;

-- name: abandoned
-- Claims of a process that died: older than any call may take.
SELECT h.id, a.channel, h.send_tries FROM client_reactivation_history h
JOIN accounts a ON a.company_id = h.company_id AND a.account_id = h.account_id
WHERE h.company_id = :company_id AND h.state = 'claimed' AND h.claimed_at < :before
  AND a.channel = ANY(:channels)
ORDER BY h.id FOR UPDATE OF h SKIP LOCKED;

-- name: abandoned_answers
SELECT m.message_id, a.channel, m.send_tries FROM messages m
JOIN accounts a ON a.company_id = m.company_id AND a.account_id = m.account_id
WHERE m.company_id = :company_id AND m.state = 'claimed' AND m.claimed_at < :before
  AND a.channel = ANY(:channels)
FOR UPDATE OF m SKIP LOCKED;

-- name: return_reactivations
UPDATE client_reactivation_history SET state = :state, updated_at = :now
WHERE company_id = :company_id AND id = ANY(:ids) AND state = 'claimed';

-- name: return_answers
UPDATE messages SET state = :state
WHERE company_id = :company_id AND message_id = ANY(:ids) AND state = 'claimed';

-- name: answers
-- The next answer of each dialog; it is exempt from hours and pace, for the client just wrote.
-- What stands before it in its dialog leaves first, whoever sends it.
UPDATE messages m SET state = 'claimed', claimed_at = :now, send_tries = m.send_tries + 1
FROM (SELECT w.message_id, g.phone, g.lid, a.channel, w.claimed_at IS NOT NULL AS doubtful
      FROM messages w
      JOIN dialogs g ON g.company_id = w.company_id AND g.dialog_id = w.dialog_id
      JOIN accounts a ON a.company_id = w.company_id AND a.account_id = w.account_id
      WHERE w.company_id = :company_id AND w.state = 'written'
        AND a.state = 'active' AND a.channel = ANY(:channels) AND w.message_id <> ALL(:tried)
        AND NOT EXISTS (SELECT FROM messages e
                        WHERE e.company_id = w.company_id AND e.dialog_id = w.dialog_id
                          AND e.direction = 'out' AND e.state IN ('written', 'claimed')
                          AND e.message_id < w.message_id)
      ORDER BY w.message_id LIMIT :batch FOR UPDATE OF w SKIP LOCKED) AS t
WHERE m.company_id = :company_id AND m.message_id = t.message_id
RETURNING m.message_id, t.phone, m.body, m.account_id, t.channel, m.send_tries, t.doubtful, t.lid;

-- name: settle_answers
UPDATE messages m
SET state = CASE WHEN m.state = 'claimed' OR m.state IN ('written', 'unknown')
                      AND t.state = 'accepted' THEN t.state ELSE m.state END,
    provider_message_id = coalesce(m.provider_message_id, t.provider_id),
    said_at = coalesce(t.sent_at, m.said_at),
    claimed_at = CASE WHEN m.state = 'claimed' AND t.unclaim THEN NULL ELSE m.claimed_at END
FROM unnest(:ids::bigint[], :states::text[], :provider_ids::text[], :sent_ats::timestamptz[],
            :unclaims::boolean[])
     AS t (id, state, provider_id, sent_at, unclaim)
WHERE m.company_id = :company_id AND m.message_id = t.id;
