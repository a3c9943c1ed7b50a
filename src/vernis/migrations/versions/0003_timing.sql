-- The answer for each client with a visit: the one estimate that the plan goes by. All of it
-- follows from the visits, so nothing is lost by starting anew.
DROP TABLE client_due_dates;
CREATE TABLE client_due_dates (
    company_id      bigint NOT NULL,
    client_id       bigint NOT NULL,
    service_id      bigint,
    staff_id        bigint,                                       -- who served the last visit
    last_visit_on   date NOT NULL,
    interval_days   integer NOT NULL CHECK (interval_days > 0),
    low_days        integer NOT NULL CHECK (low_days > 0 AND low_days <= interval_days),
    high_days       integer NOT NULL CHECK (high_days >= interval_days),
    due_on          date NOT NULL,
    first_on        date NOT NULL,                                -- the lapse's first message belongs
    -- The first day on which the plan looks at the client, never later than the true one; null
    -- after the last wave.
    opens_on        date,
    interval_source text NOT NULL CHECK (interval_source IN
                    ('personal', 'service_average', 'industry_standard', 'universal')),
    confidence      real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    -- The chance that the client still comes back by themselves, and how much of it the coming
    -- week takes: as of the last computation, null where the plan does not look before the next.
    returning_chance real CHECK (returning_chance BETWEEN 0 AND 1),
    falling_chance   real CHECK (falling_chance BETWEEN 0 AND 1),
    -- the evidence
    visit_count     integer NOT NULL,
    shortest_days   integer,                                      -- of the remembered own gaps
    longest_days    integer,
    spent_minor     bigint NOT NULL,
    PRIMARY KEY (company_id, client_id),
    FOREIGN KEY (company_id, client_id) REFERENCES clients ON DELETE CASCADE,
    FOREIGN KEY (company_id, service_id) REFERENCES services ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX client_due_dates_by_opening ON client_due_dates (company_id, opens_on);
CREATE INDEX dialogs_by_client ON dialogs (company_id, client_id);

-- What was learned of a company's visits: decide/timing/estimates.py's Model and Foretold, packed.
CREATE TABLE timing_models (
    company_id  bigint PRIMARY KEY REFERENCES companies ON DELETE CASCADE,
    learned_on  date NOT NULL,
    service_ids bigint[] NOT NULL,                                -- of the model's lines, in order
    model       bytea NOT NULL,
    foretold    bytea NOT NULL
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['client_due_dates', 'timing_models'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY one_company ON %I TO vernis_app USING '
            '(company_id = nullif(current_setting(''vernis.company_id'', true), '''')::bigint)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO vernis_app', t);
    END LOOP;
END $$;

-- The owner of the tables is no superuser everywhere: forced security would hide all companies.
ALTER TABLE companies NO FORCE ROW LEVEL SECURITY;
UPDATE companies SET computed_on = NULL;
ALTER TABLE companies FORCE ROW LEVEL SECURITY;

-- --- level 2: a visit of a year ago counts half ------------------------------------------------

DROP FUNCTION calculate_service_averages;
DROP FUNCTION service_gaps;

-- Days between two visits of the same client for the same service, and for the last visit the
-- days that the client has not come back yet (censored). Longer than a year is "did not return".
CREATE FUNCTION service_gaps(of_company bigint, as_of date)
RETURNS TABLE (service_id bigint, client_id bigint, days integer, returned boolean, weight float8)
LANGUAGE sql STABLE AS $$
    SELECT service_id, client_id, least(coalesce(next_on, as_of) - on_date, 365),
           next_on IS NOT NULL AND next_on - on_date <= 365, 0.5 ^ ((as_of - on_date) / 365.0)
    FROM (SELECT service_id, client_id, on_date,
                 lead(on_date) OVER (PARTITION BY client_id, service_id ORDER BY on_date) AS next_on
          FROM (SELECT DISTINCT service_id, client_id, on_date FROM bookings
                WHERE company_id = of_company AND state = 'completed' AND service_id IS NOT NULL
                  AND on_date <= as_of) AS days) AS pairs
    WHERE coalesce(next_on, as_of) > on_date
$$;

-- Kaplan-Meier (1958): the chance to be back by day t, corrected for those whose time is still
-- running; then the day by which half of all who come back within a year are back. Taking only
-- completed intervals would make the medians short, taking only recent months shorter still.
-- The same figures as decide/rhythms.py gives.
CREATE FUNCTION calculate_service_averages(of_company bigint, as_of date DEFAULT current_date)
RETURNS TABLE (service_id bigint, service_name text, median_interval_days integer,
               avg_interval_days numeric, min_interval_days integer, max_interval_days integer,
               stddev_days numeric, low_days integer, high_days integer, sample_size integer)
LANGUAGE sql STABLE AS $$
    WITH at_day AS MATERIALIZED (
        SELECT service_id, days, coalesce(sum(weight) FILTER (WHERE returned), 0) AS back,
               count(*) FILTER (WHERE returned) AS returns,
               sum(sum(weight)) OVER (PARTITION BY service_id ORDER BY days DESC) AS waiting
        FROM service_gaps(of_company, as_of) GROUP BY service_id, days),
    away AS (
        SELECT service_id, days,
               exp(sum(ln(greatest(1 - back / waiting, 1e-12)))
                   OVER (PARTITION BY service_id ORDER BY days)) AS share_away
        FROM at_day WHERE returns > 0),
    back_by AS (
        SELECT service_id, days,
               (1 - share_away) / max(1 - share_away) OVER (PARTITION BY service_id) AS share_back
        FROM away),
    quantiles AS (
        SELECT service_id, min(days) FILTER (WHERE share_back >= 0.1 - 1e-9) AS low,
               min(days) FILTER (WHERE share_back >= 0.5 - 1e-9) AS median,
               min(days) FILTER (WHERE share_back >= 0.9 - 1e-9) AS high
        FROM back_by GROUP BY service_id),
    plain AS (
        SELECT service_id, sum(days * returns) / sum(returns) AS average, min(days) AS shortest,
               max(days) AS longest, sum(returns) AS returns,
               sqrt((sum(days * days * returns) - sum(days * returns) ^ 2 / sum(returns))
                    / (sum(returns) - 1)) AS spread
        FROM at_day WHERE returns > 0 GROUP BY service_id HAVING sum(returns) >= 10)
    SELECT p.service_id, s.title, q.median, round(p.average, 1), p.shortest, p.longest,
           round(p.spread, 1), q.low, q.high, p.returns::integer
    FROM plain p JOIN quantiles q USING (service_id)
    JOIN services s ON s.company_id = of_company AND s.service_id = p.service_id
$$;
GRANT EXECUTE ON FUNCTION service_gaps, calculate_service_averages TO vernis_app;
