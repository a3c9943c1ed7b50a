-- name: has_jobs
-- Whether a worker was ever here: the schema of the jobs is made by the first one.
SELECT coalesce(has_schema_privilege(to_regnamespace('vernis_jobs'), 'USAGE'), false);

-- name: workers
-- By the database's clock, which is the heart's. A worker counts once for each queue it staffs.
SELECT count(*) FILTER (WHERE last_heartbeat >= now() - make_interval(secs => :silent_seconds)),
       count(*) FILTER (WHERE last_heartbeat < now() - make_interval(secs => :silent_seconds))
FROM vernis_jobs.procrastinate_workers;

-- name: queues
-- Hints that wait for a hand, and for how many seconds the oldest could have been taken.
SELECT j.queue_name, count(*),
       coalesce(extract(epoch FROM now() - min(greatest(j.scheduled_at, e.at))), 0)::float8
FROM vernis_jobs.procrastinate_jobs j
LEFT JOIN LATERAL (SELECT at FROM vernis_jobs.procrastinate_events
                   WHERE job_id = j.id AND type = 'deferred' LIMIT 1) AS e ON true
WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())
GROUP BY j.queue_name;

-- name: accounts
-- An active account counts by what its connection was when somebody last looked.
SELECT channel, CASE WHEN state = 'active' AND connection = 'unknown' THEN 'connected'
                     WHEN state = 'active' THEN connection ELSE state END AS standing, count(*)
FROM accounts GROUP BY 1, 2;

-- name: companies
SELECT count(*), count(started_at) FROM companies;

-- name: sent
-- Campaign messages of a day by channel, outcome and why no model wrote them.
SELECT a.channel, h.state, h.message_fallback, count(*)
FROM client_reactivation_history h
LEFT JOIN accounts a ON a.company_id = h.company_id AND a.account_id = h.account_id
WHERE h.message_sent_at > :since GROUP BY 1, 2, 3;

-- name: came_back
-- Replies and bookings of a day.
SELECT (SELECT count(*) FROM client_reactivation_history WHERE response_at > :since),
       (SELECT count(*) FROM client_reactivation_history WHERE booking_created_at > :since);

-- name: waiting
-- What is not sent yet, and since when the oldest of it might have left.
SELECT state, count(*),
       coalesce(extract(epoch FROM :now - min(send_after)), 0)::float8
FROM client_reactivation_history
WHERE state IN ('planned', 'claimed') OR (state = 'written' AND send_after <= :now)
GROUP BY state;

-- name: unknown
SELECT (SELECT count(*) FROM client_reactivation_history WHERE state = 'unknown'),
       (SELECT count(*) FROM messages WHERE state = 'unknown');

-- name: crms
-- By CRM and state: how many, and how long ago the one was last read that has waited longest.
SELECT c.crm, c.state, count(*),
       coalesce(extract(epoch FROM :now - min(coalesce(s.at, c.connected_at))), 0)::float8
FROM crm_connections c
LEFT JOIN (SELECT company_id, max(succeeded_at) AS at FROM crm_syncs GROUP BY 1) AS s
    USING (company_id)
GROUP BY c.crm, c.state;

-- name: models
-- A new key is another row of the same name: the newest says how the model does.
SELECT DISTINCT ON (name) name, outcome = 'works' FROM model_status
WHERE outcome <> 'untried' ORDER BY name, outcome_at DESC;

-- name: spent
SELECT coalesce(sum(requests), 0)::bigint, coalesce(sum(micro_usd), 0)::bigint
FROM model_spending WHERE month = :month;

-- name: newest_runs
-- The companies that were planned last.
SELECT company_id FROM (
    SELECT company_id, max(planned_at) AS at FROM (
        SELECT company_id, planned_at FROM plans ORDER BY planned_at DESC LIMIT :window) AS p
    GROUP BY company_id) AS newest
ORDER BY at DESC, company_id LIMIT :limit;

-- name: runs
-- Each company's last run, and its last 24 hours.
SELECT c.company_id, c.name, c.started_at, p.plan_on, p.planned_at, d.messages, d.replies, d.bookings
FROM companies c
LEFT JOIN LATERAL (SELECT plan_on, planned_at FROM plans
                   WHERE company_id = c.company_id ORDER BY plan_on DESC LIMIT 1) AS p ON true
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE message_sent_at > :since) AS messages,
           count(*) FILTER (WHERE response_at > :since) AS replies,
           count(*) FILTER (WHERE booking_created_at > :since) AS bookings
    FROM client_reactivation_history
    WHERE company_id = c.company_id AND message_sent_at > :horizon) AS d
WHERE c.company_id = ANY(:ids)
ORDER BY p.planned_at DESC NULLS LAST, c.company_id;
