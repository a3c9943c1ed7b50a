-- name: lock
-- One at a time asks for a company; the next statement sees what the last one wrote.
SELECT 1 FROM crm_connections WHERE company_id = :company_id FOR NO KEY UPDATE;

-- name: take
-- The seconds to wait, 0 where the request is allowed: then `taken` is its mark in `asked_at`. A mark
-- counts until a window after it, and lies in the future while the request is under way.
WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS now),
counted AS MATERIALIZED (
    SELECT at, row_number() OVER (ORDER BY at DESC) AS nth
    FROM crm_connections, unnest(asked_at) AS at WHERE company_id = :company_id
),
waiting AS MATERIALIZED (
    SELECT greatest(0, extract(epoch FROM max(at + w.window_length - now)))::float8 AS seconds, now
    FROM moment
    LEFT JOIN LATERAL (VALUES (:per_second::bigint, make_interval(secs => :second_seconds)),
                              (:per_minute::bigint, make_interval(secs => :minute_seconds)))
        AS w (most, window_length) ON w.most > 0
    LEFT JOIN counted ON counted.nth = w.most
    GROUP BY now
)
UPDATE crm_connections
SET asked_at = CASE WHEN seconds > 0 THEN asked_at ELSE ARRAY(
        SELECT at FROM counted WHERE at > now - make_interval(secs => :minute_seconds)
        UNION ALL SELECT now + make_interval(secs => :longest_seconds)) END
FROM waiting WHERE company_id = :company_id
RETURNING seconds, now + make_interval(secs => :longest_seconds) AS taken;

-- name: ended
-- From now on its window runs.
UPDATE crm_connections SET asked_at = array_replace(asked_at, :taken, clock_timestamp())
WHERE company_id = :company_id;

-- name: pause
-- As if every request that a window holds had been made so late that the next one is after it.
UPDATE crm_connections
SET asked_at = asked_at || array_fill(
    clock_timestamp() + make_interval(secs => :seconds - :window_seconds), ARRAY[:most::integer])
WHERE company_id = :company_id;
