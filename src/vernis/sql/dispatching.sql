-- name: zones
-- The time zones that occur: hops from one to the next instead of reading every company.
WITH RECURSIVE zones (timezone) AS (
    (SELECT timezone FROM companies ORDER BY timezone LIMIT 1)
    UNION ALL
    SELECT (SELECT c.timezone FROM companies c WHERE c.timezone > z.timezone
            ORDER BY c.timezone LIMIT 1)
    FROM zones z WHERE z.timezone IS NOT NULL)
SELECT timezone FROM zones WHERE timezone IS NOT NULL;

-- name: mornings
-- Companies whose day is not planned although its hour has come, by the local time of each zone.
-- Those that nobody has started yet plan nothing.
SELECT c.company_id
FROM unnest(:zones::text[], :days::date[], :times::time[]) AS here (timezone, today, at)
JOIN companies c ON c.timezone = here.timezone AND c.planned_on < here.today
                AND c.plan_at <= here.at AND c.started_at IS NOT NULL
UNION ALL
SELECT c.company_id
FROM unnest(:zones::text[], :days::date[], :times::time[]) AS here (timezone, today, at)
JOIN companies c ON c.timezone = here.timezone AND c.planned_on IS NULL AND c.plan_at <= here.at
                AND c.started_at IS NOT NULL;

-- name: intervals
-- Companies whose due dates are out of date whatever their time zone. Before a company is started
-- its dry run computes them, for the day that it shows.
SELECT company_id FROM companies WHERE computed_on IS NULL AND started_at IS NOT NULL
UNION ALL
SELECT company_id FROM companies WHERE computed_on < :stale_before AND started_at IS NOT NULL;

-- name: deliveries
-- Companies with campaign messages to write, to send, or claimed by somebody who died; and with
-- drafts that nobody approved in time.
SELECT company_id FROM client_reactivation_history WHERE state = 'planned'
UNION
SELECT company_id FROM client_reactivation_history WHERE state = 'written' AND send_after <= :now
UNION
SELECT company_id FROM client_reactivation_history
WHERE state = 'written' AND send_after IS NULL AND deadline <= :now
UNION
SELECT company_id FROM client_reactivation_history
WHERE state = 'claimed' AND claimed_at < :abandoned_before;

-- name: syncs
-- Companies whose CRM is to be read, those first that have waited longest.
SELECT company_id FROM crm_connections
WHERE state = 'connected' AND next_sync_at <= :now ORDER BY next_sync_at, company_id;

-- name: tellings
-- Companies with webhooks to call; what a process that died held is due again by itself.
SELECT DISTINCT company_id FROM webhook_deliveries
WHERE state = 'waiting' AND next_attempt_at <= :now;

-- name: answers
SELECT company_id FROM messages WHERE state = 'written'
UNION
SELECT company_id FROM messages WHERE state = 'claimed' AND claimed_at < :abandoned_before;

-- name: dialogs
SELECT DISTINCT company_id, dialog_id FROM messages WHERE state = 'received';

-- name: planned_on
SELECT planned_on FROM companies WHERE company_id = :company_id;

-- name: close_day
-- A day on which nothing may leave any more is done with, without a plan.
UPDATE companies SET planned_on = greatest(planned_on, :on) WHERE company_id = :company_id;

-- name: next_delivery
-- When the next written message may leave, by its own time and by its account's. A draft may not.
SELECT min(greatest(h.send_after, a.next_free_at))
FROM client_reactivation_history h
JOIN accounts a ON a.company_id = h.company_id AND a.account_id = h.account_id
WHERE h.company_id = :company_id AND h.state = 'written' AND h.send_after IS NOT NULL
  AND a.state = 'active';

-- name: newest_message
-- By when it was stored: a channel's clock may be wrong.
SELECT max(created_at) FROM messages
WHERE company_id = :company_id AND dialog_id = :dialog_id AND state = 'received';
