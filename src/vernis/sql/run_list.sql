-- name: listed
-- Plans that were stored, the newest day first, and how their reactivations stand.
SELECT p.plan_on, p.planned_at, p.counts, coalesce(s.states, '{}') AS states
FROM plans p
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(state, number) AS states
    FROM (SELECT state, count(*) AS number FROM client_reactivation_history h
          WHERE h.company_id = :company_id AND h.plan_on = p.plan_on GROUP BY state) AS by_state
) AS s ON true
WHERE p.company_id = :company_id AND (:before::date IS NULL OR p.plan_on < :before)
  AND (:on::date IS NULL OR p.plan_on = :on)
ORDER BY p.plan_on DESC LIMIT :most;

-- name: has_begun
SELECT started_at IS NOT NULL FROM companies WHERE company_id = :company_id;
