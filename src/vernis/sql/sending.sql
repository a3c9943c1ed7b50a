-- name: accounts
-- Numbers with something to send, free to send now; whoever holds one keeps others out.
SELECT a.account_id, a.channel, a.address, a.business, a.settings, a.sealed_token, a.gap_seconds,
       a.daily_limit, a.hourly_limit, a.new_chats_limit, a.warm_up, a.began_on
FROM accounts a
WHERE a.company_id = :company_id AND a.state = 'active' AND a.next_free_at <= :now
  AND a.connection IN ('unknown', 'connected') AND a.channel = ANY(:channels)
  AND EXISTS (SELECT FROM client_reactivation_history h
              WHERE h.company_id = a.company_id AND h.account_id = a.account_id
                AND h.state = 'written' AND h.send_after <= :now)
ORDER BY a.position, a.account_id
FOR UPDATE OF a SKIP LOCKED;

-- name: pace
-- What an account has done: calls for campaign messages, and those that opened a chat.
SELECT count(*) FILTER (WHERE tried_at >= :midnight) AS sent_today,
       count(*) FILTER (WHERE tried_at > :hour_ago) AS sent_last_hour,
       count(*) FILTER (WHERE new_chat AND tried_at >= :midnight) AS new_chats_today,
       count(*) FILTER (WHERE new_chat AND tried_at > :day_ago) AS new_chats_24h
FROM client_reactivation_history
WHERE company_id = :company_id AND account_id = :account_id
  AND tried_at > least(:midnight, :day_ago);

-- name: due
-- Written reactivations whose time has come, with a last look at everything that can change; those
-- to clients who wrote to this number before come first.
SELECT h.id, h.phone, h.message_text, h.deadline, h.send_tries, h.claimed_at, h.campaign,
       h.inactive_days, h.last_visit_date, h.last_service_id, h.last_service_name, h.interval_days,
       h.interval_source, h.confidence_score, h.planned_at, h.offer, h.message_times, c.name,
       heard.last_heard_at, c.phone AS phone_now, c.blacklisted, c.consent,
       c.consent_source, c.consent_on, c.timezone, c.declined_at,
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
LEFT JOIN LATERAL (
    SELECT max(m.said_at) AS last_heard_at FROM dialogs g
    JOIN messages m ON m.company_id = g.company_id AND m.dialog_id = g.dialog_id
    WHERE g.company_id = h.company_id AND g.phone = h.phone AND m.account_id = h.account_id
      AND m.direction = 'in') AS heard ON true
WHERE h.company_id = :company_id AND h.account_id = :account_id AND h.state = 'written'
  AND h.send_after <= :now
ORDER BY heard.last_heard_at IS NULL, h.id LIMIT :batch
FOR UPDATE OF h SKIP LOCKED;

-- name: claim
-- Commits before the call: whatever happens after, this message is never sent as a new one.
UPDATE client_reactivation_history h
SET state = 'claimed', claimed_at = :now, tried_at = :now, send_tries = send_tries + 1,
    new_chat = t.new_chat, provider_message_id = coalesce(h.provider_message_id, t.provider_id),
    consent = t.consent, refusal = NULL, updated_at = :now
FROM unnest(:ids::bigint[], :new_chats::boolean[], :provider_ids::text[], :consents::jsonb[])
     AS t (id, new_chat, provider_id, consent)
WHERE h.company_id = :company_id AND h.id = t.id;

-- name: postpone
-- Where there is no such hour it waits for its end.
UPDATE client_reactivation_history h SET send_after = coalesce(t.send_after, h.deadline), updated_at = :now
FROM unnest(:ids::bigint[], :send_afters::timestamptz[]) AS t (id, send_after)
WHERE h.company_id = :company_id AND h.id = t.id;

-- name: drop
-- Not sent, with the reason; one whose earlier call had no outcome may have left and is `unknown`.
UPDATE client_reactivation_history h
SET state = CASE WHEN h.claimed_at IS NULL THEN t.state ELSE 'unknown' END,
    reason = CASE WHEN h.claimed_at IS NULL THEN t.reason ELSE h.reason END, updated_at = :now
FROM unnest(:ids::bigint[], :states::text[], :reasons::text[]) AS t (id, state, reason)
WHERE h.company_id = :company_id AND h.id = t.id;

-- name: expire
-- What missed its day's hours is not sent late; what may have left already is not repeated.
UPDATE client_reactivation_history h
SET state = CASE WHEN claimed_at IS NULL THEN 'expired' ELSE 'unknown' END,
    reason = CASE WHEN claimed_at IS NOT NULL THEN reason
                  WHEN EXISTS (SELECT FROM accounts a
                               WHERE a.company_id = h.company_id AND a.account_id = h.account_id
                                 AND (a.state <> 'active'
                                      OR a.connection NOT IN ('unknown', 'connected')))
                  THEN 'account_paused' ELSE 'outside_hours' END,
    updated_at = :now
WHERE company_id = :company_id AND state = 'written' AND deadline <= :now;

-- name: reroute
-- What has never been tried and waits for an account that cannot send goes to one that can.
UPDATE client_reactivation_history h SET account_id = better.account_id, updated_at = :now
FROM accounts was, accounts better
WHERE h.company_id = :company_id AND h.state = 'written' AND h.claimed_at IS NULL
  AND was.company_id = h.company_id AND was.account_id = h.account_id
  AND (was.state <> 'active' OR was.connection NOT IN ('unknown', 'connected'))
  AND better.company_id = h.company_id
  AND better.account_id = account_for(h.company_id, h.phone, :now)
  AND better.state = 'active' AND better.connection IN ('unknown', 'connected');

-- name: take_back
-- A time that the text names is no longer free, and no call was made: it is written anew, without
-- times. One that a person edited waits for a person again. One whose earlier call had no outcome
-- may have left and is `unknown`.
UPDATE client_reactivation_history h
SET state = CASE WHEN t.doubtful THEN 'unknown' WHEN h.message_generated IS NULL THEN 'planned'
                 ELSE 'written' END,
    claimed_at = CASE WHEN t.doubtful THEN h.claimed_at END,
    send_tries = CASE WHEN t.doubtful THEN h.send_tries ELSE 0 END,
    tried_at = CASE WHEN t.doubtful THEN h.tried_at END,
    provider_message_id = CASE WHEN t.doubtful THEN h.provider_message_id END,
    send_after = NULL, approved_at = NULL, message_times = '[]', updated_at = :now
FROM unnest(:ids::bigint[], :doubtfuls::boolean[]) AS t (id, doubtful)
WHERE h.company_id = :company_id AND h.id = t.id AND h.state = 'claimed';

-- name: to_look_up
-- The phones of the next messages of each account of which nobody knows whether they are there.
SELECT a.account_id, a.channel, a.address, a.business, a.settings, a.sealed_token,
       array_agg(DISTINCT next.phone) AS phones
FROM accounts a
CROSS JOIN LATERAL (
    SELECT h.phone FROM client_reactivation_history h
    WHERE h.company_id = a.company_id AND h.account_id = a.account_id AND h.state = 'written'
      AND h.claimed_at IS NULL AND h.send_after <= :now
      AND NOT EXISTS (SELECT FROM reach r
                      WHERE r.company_id = h.company_id AND r.phone = h.phone
                        AND r.channel = a.channel AND r.checked_at > :since)
      AND NOT EXISTS (SELECT FROM dialogs g
                      WHERE g.company_id = h.company_id AND g.phone = h.phone
                        AND g.account_id = a.account_id)
    ORDER BY h.id LIMIT :ahead) AS next
WHERE a.company_id = :company_id AND a.channel = ANY(:channels) AND a.state = 'active'
  AND a.connection IN ('unknown', 'connected') AND a.next_free_at <= :now
GROUP BY a.company_id, a.account_id;

-- name: leave_unreachable
-- Who is not there is written to elsewhere, or nowhere.
UPDATE client_reactivation_history h
SET account_id = coalesce(t.better, h.account_id),
    state = CASE WHEN t.better IS NULL THEN 'skipped' ELSE h.state END,
    reason = CASE WHEN t.better IS NULL THEN 'not_on_channel' ELSE h.reason END, updated_at = :now
FROM (SELECT w.id, account_for(w.company_id, w.phone, :now) AS better
      FROM client_reactivation_history w
      JOIN accounts a ON a.company_id = w.company_id AND a.account_id = w.account_id
      JOIN reach r ON r.company_id = w.company_id AND r.phone = w.phone AND r.channel = a.channel
      WHERE w.company_id = :company_id AND w.phone = ANY(:phones::text[]) AND w.state = 'written'
        AND w.claimed_at IS NULL AND NOT r.reachable) AS t
WHERE h.company_id = :company_id AND h.id = t.id;

-- name: occupy_account
UPDATE accounts SET next_free_at = :next_free_at, began_on = coalesce(began_on, :today)
WHERE company_id = :company_id AND account_id = :account_id;

-- name: settle
-- What came of the calls. A reply, an event or `recover` may have overtaken us: the state goes
-- never back, but the provider's id and an acceptance are facts whenever they come. A refused try
-- left nothing behind: without its claim the row is as new, and may go to another account.
UPDATE client_reactivation_history h
SET state = CASE WHEN h.state = 'claimed' OR h.state IN ('written', 'unknown')
                      AND t.state = 'accepted' THEN t.state ELSE h.state END,
    provider_message_id = CASE WHEN h.state = 'claimed' AND t.as_new THEN NULL
                               ELSE coalesce(t.provider_id, h.provider_message_id) END,
    message_sent_at = coalesce(t.sent_at, h.message_sent_at),
    reason = CASE WHEN h.state = 'claimed' THEN coalesce(t.reason, h.reason) ELSE h.reason END,
    refusal = coalesce(t.refusal, h.refusal),
    send_after = coalesce(t.send_after, h.send_after),
    claimed_at = CASE WHEN h.state = 'claimed' AND t.as_new THEN NULL ELSE h.claimed_at END,
    send_tries = CASE WHEN h.state = 'claimed' AND t.uncounted THEN greatest(h.send_tries - 1, 0)
                      ELSE h.send_tries END,
    -- what never reached the channel opened no chat there
    tried_at = CASE WHEN h.state = 'claimed' AND t.refusal = 'not_connected' THEN NULL
                    ELSE h.tried_at END,
    account_id = CASE WHEN h.state = 'claimed' THEN coalesce(t.account_id, h.account_id)
                      ELSE h.account_id END,
    updated_at = :now
FROM unnest(:ids::bigint[], :states::text[], :provider_ids::text[], :sent_ats::timestamptz[],
            :reasons::text[], :refusals::text[], :send_afters::timestamptz[], :as_news::boolean[],
            :uncounteds::boolean[], :accounts::bigint[])
     AS t (id, state, provider_id, sent_at, reason, refusal, send_after, as_new, uncounted,
           account_id)
WHERE h.company_id = :company_id AND h.id = t.id;

-- name: not_there
INSERT INTO reach (company_id, phone, channel, reachable, checked_at)
SELECT DISTINCT :company_id::bigint, t.phone, t.channel, false, :now::timestamptz
FROM unnest(:phones::text[], :of_channels::text[]) AS t (phone, channel)
ON CONFLICT (company_id, phone, channel) DO UPDATE SET reachable = false, checked_at = :now;

-- name: elsewhere
-- Where else the cascade can reach them.
SELECT id, account_id
FROM (SELECT t.id, account_for(:company_id, t.phone, :now) AS account_id
      FROM unnest(:ids::bigint[], :phones::text[]) AS t (id, phone)) AS found
WHERE account_id IS NOT NULL;
