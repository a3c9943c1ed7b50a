-- name: due
-- Whom the plan looks at, those first with whom waiting costs most (decide/plan.py's at_stake).
SELECT coalesce(array_agg(client_id ORDER BY
           coalesce(falling_chance::float8, 0) * greatest(spent_minor, 1) DESC, due_on, client_id),
       '{}')
FROM client_due_dates
WHERE company_id = :company_id AND opens_on <= :on AND last_visit_on BETWEEN :gone_before AND :on;

-- name: not_due
-- Of all others why not: counted, not read.
SELECT count(*) FILTER (WHERE opens_on > :on), count(*) FILTER (WHERE opens_on IS NULL),
       (SELECT count(*) FROM client_due_dates
        WHERE company_id = :company_id AND opens_on <= :on AND last_visit_on < :gone_before)
FROM client_due_dates WHERE company_id = :company_id;

-- name: everybody
SELECT coalesce(array_agg(client_id ORDER BY client_id), '{}')
FROM client_due_dates WHERE company_id = :company_id AND last_visit_on <= :on;

-- name: candidates
-- What is known of some clients with a visit, in the order of decide/plan.py's Candidate. Each is
-- looked up by itself (OFFSET 0 keeps it so, whatever the statistics say): the cost follows the
-- number of these clients.
SELECT d.client_id, c.external_key, c.name, c.phone, c.phone_state, c.blacklisted, c.consent,
       false AS opted_out, (c.declined_at AT TIME ZONE :timezone)::date AS declined_on,
       -- a visit since makes the wish void
       CASE WHEN lapse.attempts > 0 THEN c.remind_on END AS remind_on,
       d.due_on <= :on + 5 AND EXISTS (
           SELECT FROM bookings v
           WHERE v.company_id = :company_id AND v.client_id = d.client_id
             AND v.state = 'completed' AND v.on_date > d.last_visit_on AND v.on_date <= :on)
           AS visited_since,
       (SELECT min(on_date) FROM bookings b
        WHERE b.company_id = :company_id AND b.client_id = d.client_id AND b.state = 'booked'
          AND b.on_date >= :on) AS booked_on,
       (SELECT greatest(max((m.said_at AT TIME ZONE :timezone)::date),
                        max(CASE WHEN g.waiting_since IS NOT NULL OR g.silent_until > :now
                            THEN :on::date END))
        FROM dialogs g LEFT JOIN messages m
          ON m.company_id = :company_id AND m.dialog_id = g.dialog_id AND m.said_at > :recently
         AND m.direction = 'in'
        WHERE g.company_id = :company_id AND g.client_id = d.client_id) AS talked_on,
       phones.contacted_on,
       coalesce(phones.open, false) OR EXISTS (
           SELECT FROM client_reactivation_history o
           WHERE o.company_id = :company_id AND o.client_id = d.client_id
             AND o.state IN ('planned', 'written', 'claimed')) AS open_reactivation,
       lapse.attempts, lapse.last_attempt_on, lapse.arm, d.last_visit_on,
       d.interval_days, d.low_days, d.high_days, d.due_on, d.first_on, d.interval_source,
       d.confidence::float8,
       d.service_id, s.title AS service_title, d.staff_id, d.visit_count, d.spent_minor,
       d.returning_chance::float8, d.falling_chance::float8,
       EXISTS (SELECT FROM dialogs g
               WHERE g.company_id = :company_id AND g.client_id = d.client_id) AS heard,
       EXISTS (SELECT FROM reach r
               WHERE r.company_id = :company_id AND r.phone = c.phone AND NOT r.reachable)
       AND account_for(:company_id, c.phone, :now) IS NULL AS unreachable
FROM unnest(:clients::bigint[]) AS wanted (client_id)
CROSS JOIN LATERAL (
    SELECT * FROM client_due_dates x
    WHERE x.company_id = :company_id AND x.client_id = wanted.client_id OFFSET 0) AS d
CROSS JOIN LATERAL (
    SELECT * FROM clients x
    WHERE x.company_id = :company_id AND x.client_id = wanted.client_id OFFSET 0) AS c
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = d.service_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE made) AS attempts,
           max(plan_on) FILTER (WHERE made) AS last_attempt_on, min(arm) AS arm
    -- Whom a person did not want to be written to waits like somebody who was.
    FROM (SELECT plan_on, arm, state NOT IN ('skipped', 'expired') OR reason = 'rejected' AS made
          FROM client_reactivation_history h
          WHERE h.company_id = :company_id AND h.client_id = d.client_id
            AND h.last_visit_date = d.last_visit_on) AS attempt) AS lapse
LEFT JOIN LATERAL (
    SELECT max(plan_on) AS contacted_on,
           bool_or(state IN ('planned', 'written', 'claimed')) AS open
    FROM client_reactivation_history p
    WHERE p.company_id = :company_id AND p.phone = c.phone
      -- a channel's cap over all senders is a matter of days
      AND (p.state NOT IN ('skipped', 'expired') OR p.reason = 'channel_capped')
      AND (p.plan_on > :on - 120 OR p.state IN ('planned', 'written', 'claimed'))) AS phones ON true
WHERE c.erased_at IS NULL;

-- name: without_visits
-- Whoever has come has a due date: counting both is quicker than looking for each.
SELECT (SELECT count(*) FROM clients WHERE company_id = :company_id)
     - (SELECT count(*) FROM client_due_dates WHERE company_id = :company_id);

-- name: planned_on
-- Contacts that this day already has.
SELECT count(*) FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on = :on AND arm = 'contact' AND state <> 'skipped';

-- name: number
-- The number that most messages leave from: the first of the cascade that can send.
SELECT gap_seconds::float8, daily_limit, new_chats_limit, warm_up, began_on
FROM accounts WHERE company_id = :company_id AND position IS NOT NULL
ORDER BY state <> 'active' OR connection NOT IN ('unknown', 'connected'), position, account_id
LIMIT 1;

-- name: planned_strangers
-- Of the contacts that this day already has, those who had never written.
SELECT count(*) FROM client_reactivation_history h
WHERE h.company_id = :company_id AND h.plan_on = :on AND h.arm = 'contact'
  AND h.state <> 'skipped'
  AND NOT EXISTS (SELECT FROM dialogs g
                  WHERE g.company_id = h.company_id AND g.client_id = h.client_id);

-- name: decided_on
-- Whom this day has already decided to write to or to hold out.
SELECT client_id, reason FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on = :on AND state NOT IN ('skipped', 'expired');

-- name: lock_day
-- Two runs of one company at once would both fill the cap.
SELECT FROM companies WHERE company_id = :company_id FOR NO KEY UPDATE;

-- name: store_reactivations
-- A skipped or expired attempt was never sent: the row is used again. Its first planned_at stays,
-- the experiment counts from it.
INSERT INTO client_reactivation_history AS h
    (company_id, client_id, plan_on, planned_at, arm, state, reason, attempt, campaign, phone,
     last_service_id, last_service_name, last_visit_date, inactive_days, interval_days,
     interval_source, confidence_score, due_on)
SELECT :company_id, t.client_id, :on, :now, t.arm, t.state, t.reason, t.attempt, t.campaign,
       t.phone, t.service_id, s.title, t.last_visit_on, t.inactive_days, t.interval_days, t.source,
       t.confidence, t.due_on
FROM unnest(:clients::bigint[], :arms::text[], :states::text[], :reasons::text[],
            :attempts::smallint[], :campaigns::text[], :phones::text[], :services::bigint[],
            :lasts::date[], :inactive::integer[], :intervals::integer[], :sources::text[],
            :confidences::numeric[], :dues::date[])
     WITH ORDINALITY AS t (client_id, arm, state, reason, attempt, campaign, phone, service_id,
                           last_visit_on, inactive_days, interval_days, source, confidence, due_on,
                           position)
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = t.service_id
-- whoever was erased since they were chosen is left out: the lock waits for that to be known
WHERE t.client_id IN (SELECT client_id FROM clients
                      WHERE company_id = :company_id AND client_id = ANY(:clients::bigint[])
                        AND erased_at IS NULL FOR KEY SHARE)
ORDER BY t.position
ON CONFLICT (company_id, client_id, last_visit_date, attempt) DO UPDATE SET
    plan_on = excluded.plan_on, state = excluded.state, reason = excluded.reason,
    campaign = excluded.campaign, phone = excluded.phone,
    last_service_id = excluded.last_service_id, last_service_name = excluded.last_service_name,
    inactive_days = excluded.inactive_days, interval_days = excluded.interval_days,
    interval_source = excluded.interval_source, confidence_score = excluded.confidence_score,
    due_on = excluded.due_on, message_text = NULL, message_template = NULL, offer = NULL,
    deadline = NULL, send_after = NULL, send_tries = 0, updated_at = excluded.planned_at
    WHERE h.state IN ('skipped', 'expired') AND h.arm = excluded.arm;

-- name: say_why
UPDATE client_reactivation_history SET rejected_because = :because
WHERE company_id = :company_id AND client_id = :client_id AND plan_on = :on
  AND state = 'skipped' AND reason = 'rejected' AND (planned_at = :now OR updated_at = :now);

-- name: store_plan
INSERT INTO plans (company_id, plan_on, counts, planned_at)
VALUES (:company_id, :on, :counts, :now)
ON CONFLICT (company_id, plan_on) DO UPDATE
    SET counts = excluded.counts, planned_at = excluded.planned_at;

-- name: mark_planned
UPDATE companies SET planned_on = greatest(planned_on, :on) WHERE company_id = :company_id;

-- name: states
SELECT state, count(*) FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on = :on GROUP BY state;
