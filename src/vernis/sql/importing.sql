-- name: one_at_a_time
-- Two imports of one company at once would each create the services that both name.
SELECT pg_advisory_xact_lock(hashtext('vernis.import'), :company_id::integer);

-- name: room_to_sort
-- A file's rows are sorted in memory, not on disk.
SET LOCAL work_mem = '64MB';

-- name: durations
-- A list of services may say how long one takes after its appointments were read.
UPDATE bookings b SET ends_at = b.starts_at + make_interval(mins => v.duration_minutes),
    updated_at = now()
FROM services v
WHERE b.company_id = :company_id AND b.origin = 'file' AND v.company_id = :company_id
  AND v.service_id = b.service_id
  AND b.ends_at IS DISTINCT FROM b.starts_at + make_interval(mins => v.duration_minutes);

-- name: stage_clients
CREATE TEMP TABLE staged_clients (
    ref text, name text, surname text, phone text, phone_state text, gender text, consent text,
    blacklisted boolean, line integer
) ON COMMIT DROP;

-- name: staged_clients
SELECT DISTINCT ref FROM staged_clients;

-- name: leave_out_erased
-- Unless the phone is also somebody's who was not erased.
DELETE FROM staged_clients s
WHERE s.ref = ANY(:refs::text[])
  AND NOT EXISTS (SELECT FROM clients c WHERE c.company_id = :company_id AND c.erased_at IS NULL
                  AND c.phone = s.phone AND s.ref LIKE 'tel:%%');

-- name: adopt_clients
-- Known so far by phone only, from a file of visits: now the CRM's own code is known.
UPDATE clients c SET external_key = s.ref
FROM (SELECT DISTINCT ON (ref) phone, ref
      FROM (SELECT DISTINCT ON (phone) phone, ref FROM staged_clients
            WHERE phone IS NOT NULL AND ref NOT LIKE 'tel:%%' ORDER BY phone, ref) AS of_phone
      ORDER BY ref, phone) AS s
WHERE c.company_id = :company_id AND c.external_key = 'tel:' || s.phone
  AND NOT EXISTS (SELECT FROM clients k WHERE k.company_id = :company_id AND k.external_key = s.ref);

-- name: merge_clients
-- What a file does not say stays as it was; an opt-out or a refusal is never taken back by a file.
INSERT INTO clients AS c
    (company_id, external_key, name, surname, phone, phone_state, gender, consent, blacklisted,
     consent_source, consent_on)
SELECT DISTINCT ON (ref) :company_id, ref, nullif(name, ''), nullif(surname, ''), phone, phone_state,
       gender,
       CASE WHEN bool_or(consent = 'refused') OVER of_client THEN 'refused'
            ELSE coalesce(consent, 'unknown') END,
       coalesce(bool_or(blacklisted) OVER of_client, false),
       CASE WHEN consent IS NOT NULL OR bool_or(consent = 'refused') OVER of_client THEN 'file' END,
       CASE WHEN consent IS NOT NULL OR bool_or(consent = 'refused') OVER of_client
            THEN :today::date END
FROM staged_clients WINDOW of_client AS (PARTITION BY ref) ORDER BY ref, line DESC
ON CONFLICT (company_id, external_key) DO UPDATE SET
    name = coalesce(excluded.name, c.name), surname = coalesce(excluded.surname, c.surname),
    phone = CASE excluded.phone_state WHEN 'missing' THEN c.phone ELSE excluded.phone END,
    phone_state = CASE excluded.phone_state WHEN 'missing' THEN c.phone_state
                                            ELSE excluded.phone_state END,
    gender = coalesce(excluded.gender, c.gender),
    consent = CASE WHEN excluded.consent = 'unknown' OR c.consent = 'refused' THEN c.consent
                   ELSE excluded.consent END,
    -- what is said again was said before
    consent_source = CASE WHEN excluded.consent IN ('unknown', c.consent) OR c.consent = 'refused'
                          THEN coalesce(c.consent_source, excluded.consent_source)
                          ELSE excluded.consent_source END,
    consent_on = CASE WHEN excluded.consent IN ('unknown', c.consent) OR c.consent = 'refused'
                      THEN coalesce(c.consent_on, excluded.consent_on)
                      ELSE excluded.consent_on END,
    blacklisted = c.blacklisted OR excluded.blacklisted
WHERE c.erased_at IS NULL;

-- name: stage_bookings
CREATE TEMP TABLE staged_bookings (
    ref text, phone text, name text, surname text, service text, key text, staff text, on_date date,
    at_time time, amount_minor bigint, state text, booked_on date, cancelled_on date,
    external_key text, line integer
) ON COMMIT DROP;

-- name: new_services
-- Services that a visit is the first to name, as it writes them.
SELECT DISTINCT ON (key) service
FROM (SELECT key, service, min(line) AS line FROM staged_bookings GROUP BY key, service) AS s
WHERE key IS NOT NULL AND NOT EXISTS (
    SELECT FROM service_names n WHERE n.company_id = :company_id AND n.folded = s.key)
ORDER BY key, line;

-- name: index_staged
ANALYZE staged_bookings;

-- name: staged_visitors
SELECT DISTINCT ref FROM staged_bookings;

-- name: unname_erased
UPDATE staged_bookings s SET ref = t.nobody, phone = NULL, name = NULL, surname = NULL
FROM unnest(:refs::text[], :nobodies::text[]) AS t (ref, nobody)
WHERE s.ref = t.ref
  AND NOT EXISTS (SELECT FROM clients c WHERE c.company_id = :company_id AND c.erased_at IS NULL
                  AND c.phone = s.phone AND s.ref LIKE 'tel:%%');

-- name: create_clients
-- Clients that only a visit names. One whose phone a known client has is that client.
INSERT INTO clients (company_id, external_key, name, surname, phone, phone_state, erased_at)
SELECT DISTINCT ON (s.ref) :company_id, s.ref, nullif(s.name, ''), nullif(s.surname, ''), s.phone,
       CASE WHEN s.phone IS NULL THEN 'missing' ELSE 'valid' END,
       CASE WHEN starts_with(s.ref, 'erased:') THEN now() END
FROM (SELECT ref, min(line) AS line FROM staged_bookings GROUP BY ref) AS first
JOIN staged_bookings s USING (ref, line)
WHERE NOT EXISTS (SELECT FROM clients c
                  WHERE c.company_id = :company_id AND c.external_key = s.ref)
  AND NOT (s.ref LIKE 'tel:%%' AND EXISTS (SELECT FROM clients c
           WHERE c.company_id = :company_id AND c.phone = s.phone))
ORDER BY s.ref, s.line
ON CONFLICT DO NOTHING;

-- name: create_staff
INSERT INTO staff (company_id, external_key, name)
SELECT DISTINCT ON (lower(staff)) :company_id, lower(staff), staff
FROM (SELECT staff, min(line) AS line FROM staged_bookings GROUP BY staff) AS s
WHERE staff IS NOT NULL ORDER BY lower(staff), line
ON CONFLICT (company_id, external_key) DO NOTHING;

-- name: merge_bookings
-- One row per client, day and service: amounts of a file add up, what happened outranks what was
-- planned (completed, no-show, cancelled, booked) and a newer plan an older one. A second reading
-- changes nothing.
WITH resolved AS (
    SELECT coalesce(c.client_id, p.client_id) AS client_id, n.service_id, t.staff_id, s.on_date,
           (s.on_date + s.at_time) AT TIME ZONE :timezone AS starts_at, s.amount_minor, s.state,
           array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], s.state) AS rank,
           s.booked_on, s.cancelled_on, s.external_key, s.line
    FROM staged_bookings s
    LEFT JOIN clients c ON c.company_id = :company_id AND c.external_key = s.ref
    LEFT JOIN LATERAL (SELECT k.client_id FROM clients k
                       WHERE c.client_id IS NULL AND k.company_id = :company_id
                         AND k.phone = s.phone
                       ORDER BY k.client_id LIMIT 1) AS p ON true
    LEFT JOIN staff t ON t.company_id = :company_id AND t.external_key = lower(s.staff)
    LEFT JOIN service_names n ON n.company_id = :company_id AND n.folded = s.key),
grouped AS (
    SELECT client_id, on_date, service_id, max(rank) AS rank,
           (array_agg(staff_id ORDER BY rank DESC, line) FILTER (WHERE staff_id IS NOT NULL))[1]
               AS staff_id,
           (array_agg(starts_at ORDER BY rank DESC, starts_at)
               FILTER (WHERE starts_at IS NOT NULL))[1] AS starts_at,
           coalesce(sum(amount_minor) FILTER (WHERE rank = 4),
                    sum(amount_minor) FILTER (WHERE rank = 3),
                    sum(amount_minor) FILTER (WHERE rank = 2),
                    sum(amount_minor) FILTER (WHERE rank = 1))::bigint AS amount_minor,
           min(booked_on) AT TIME ZONE :timezone AS booked_at,
           max(cancelled_on) AT TIME ZONE :timezone AS cancelled_at,
           (array_agg(external_key ORDER BY rank DESC, external_key)
               FILTER (WHERE external_key IS NOT NULL))[1] AS external_key,
           min(line) AS line
    FROM resolved GROUP BY client_id, on_date, service_id),
known AS (
    SELECT g.*, b.booking_id, b.state AS b_state, b.staff_id AS b_staff_id,
           b.starts_at AS b_starts_at, b.amount_minor AS b_amount_minor, b.booked_at AS b_booked_at,
           b.cancelled_at AS b_cancelled_at, b.external_key AS b_external_key,
           coalesce(array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], b.state),
                    0) AS b_rank
    FROM grouped g
    LEFT JOIN bookings b ON b.company_id = :company_id AND b.origin = 'file'
         AND b.client_id = g.client_id AND b.on_date = g.on_date
         AND b.service_id IS NOT DISTINCT FROM g.service_id),
merged AS (
    SELECT client_id, on_date, service_id, line,
           (ARRAY['booked', 'cancelled', 'no_show', 'completed'])[greatest(rank, b_rank)] AS state,
           CASE WHEN rank > b_rank OR rank = 1 AND b_rank = 1 THEN coalesce(staff_id, b_staff_id)
                ELSE coalesce(b_staff_id, staff_id) END AS staff_id,
           CASE WHEN rank > b_rank OR rank = 1 AND b_rank = 1 THEN coalesce(starts_at, b_starts_at)
                ELSE coalesce(b_starts_at, starts_at) END AS starts_at,
           CASE WHEN rank >= b_rank THEN coalesce(amount_minor, b_amount_minor)
                ELSE coalesce(b_amount_minor, amount_minor) END AS amount_minor,
           CASE WHEN rank > b_rank OR rank = 1 AND b_rank = 1
                THEN coalesce(external_key, b_external_key)
                ELSE coalesce(b_external_key, external_key) END AS external_key,
           least(booked_at, b_booked_at) AS booked_at,
           CASE WHEN greatest(rank, b_rank) = 2 THEN greatest(cancelled_at, b_cancelled_at)
                END AS cancelled_at
    FROM known)
INSERT INTO bookings AS b
    (company_id, origin, external_key, client_id, service_id, staff_id, on_date, starts_at, ends_at,
     state, amount_minor, booked_at, cancelled_at)
SELECT :company_id, 'file', m.external_key, m.client_id, m.service_id, m.staff_id, m.on_date,
       m.starts_at, m.starts_at + make_interval(mins => coalesce(v.duration_minutes, 60)), m.state,
       m.amount_minor, m.booked_at, m.cancelled_at
FROM merged m
LEFT JOIN services v ON v.company_id = :company_id AND v.service_id = m.service_id
ORDER BY m.client_id, m.on_date, m.service_id
ON CONFLICT (company_id, client_id, on_date, service_id) WHERE origin = 'file' DO UPDATE SET
    state = excluded.state, staff_id = excluded.staff_id, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, amount_minor = excluded.amount_minor,
    external_key = excluded.external_key, booked_at = excluded.booked_at,
    cancelled_at = excluded.cancelled_at, updated_at = now()
WHERE (b.state, b.staff_id, b.starts_at, b.ends_at, b.amount_minor, b.external_key, b.booked_at,
       b.cancelled_at)
   IS DISTINCT FROM
      (excluded.state, excluded.staff_id, excluded.starts_at, excluded.ends_at,
       excluded.amount_minor, excluded.external_key, excluded.booked_at, excluded.cancelled_at);

-- name: forget_moved
-- An appointment with an id that this file has on another day, and no longer on its own: it was
-- moved, and what was counted by it goes along.
WITH moved AS (
    SELECT o.booking_id AS old, n.booking_id AS new
    FROM bookings o
    CROSS JOIN LATERAL (
        SELECT n.booking_id FROM bookings n
        WHERE n.company_id = :company_id AND n.origin = 'file' AND n.client_id = o.client_id
          AND n.external_key = o.external_key AND n.on_date <> o.on_date
          AND EXISTS (SELECT FROM staged_bookings s
                      WHERE s.external_key = n.external_key AND s.on_date = n.on_date)
        ORDER BY n.service_id IS NOT DISTINCT FROM o.service_id DESC, n.booking_id LIMIT 1) AS n
    WHERE o.company_id = :company_id AND o.origin = 'file' AND o.state = 'booked'
      AND o.external_key IN (SELECT external_key FROM staged_bookings)
      AND NOT EXISTS (SELECT FROM staged_bookings s
                      WHERE s.external_key = o.external_key AND s.on_date = o.on_date)),
followed AS (
    UPDATE client_reactivation_history h SET booking_id = m.new
    FROM moved m WHERE h.company_id = :company_id AND h.booking_id = m.old)
DELETE FROM bookings b USING moved m
WHERE b.company_id = :company_id AND b.booking_id = m.old;

-- name: occupy
-- Appointments ahead take their master's time. Those that overlap in the salon's own book stay so.
INSERT INTO busy_quarters (company_id, staff_id, starts_at, booking_id)
SELECT b.company_id, b.staff_id, q, b.booking_id
FROM bookings b,
     generate_series(date_bin('15 minutes', b.starts_at, '2000-01-01Z'),
                     b.ends_at - interval '1 second', '15 minutes') AS q
WHERE b.company_id = :company_id AND b.state = 'booked' AND b.staff_id IS NOT NULL
  AND b.starts_at IS NOT NULL
  AND b.on_date >= (SELECT least(max(on_date), :today) FROM bookings
                    WHERE company_id = :company_id AND state = 'completed')
ON CONFLICT DO NOTHING;

-- name: release
-- What is no longer booked, or now at another time or with somebody else.
DELETE FROM busy_quarters q USING bookings b
WHERE q.company_id = :company_id AND b.company_id = :company_id AND b.booking_id = q.booking_id
  AND (b.state <> 'booked' OR b.origin = 'file' AND (
       b.staff_id IS DISTINCT FROM q.staff_id OR b.starts_at IS NULL
       OR q.starts_at + interval '15 minutes' <= b.starts_at OR q.starts_at >= b.ends_at));

-- name: infer_hours
-- Working hours of staff that have none: the weekdays and hours at which they were booked during
-- the last half year of the data; ten to seven where the files have no times.
WITH days AS (
    SELECT staff_id, extract(isodow FROM on_date)::smallint AS weekday,
           date_trunc('hour', starts_at AT TIME ZONE :timezone)::time AS starts,
           (starts_at AT TIME ZONE :timezone)::time AS last_start
    FROM bookings
    WHERE company_id = :company_id AND staff_id IS NOT NULL AND state <> 'cancelled'
      AND on_date > (SELECT least(max(on_date), :today) - 180 FROM bookings
                     WHERE company_id = :company_id AND state = 'completed')),
hours AS (
    SELECT staff_id, weekday, coalesce(min(starts), '10:00') AS opens,
           CASE WHEN max(last_start) IS NULL THEN '19:00'
                ELSE least(max(last_start), '22:00') + interval '1 hour' END AS closes
    FROM days GROUP BY staff_id, weekday HAVING count(*) >= 3)
INSERT INTO staff_hours (company_id, staff_id, weekday, opens, closes)
SELECT :company_id, staff_id, weekday, opens, closes FROM hours
WHERE closes > opens AND NOT EXISTS (
    SELECT FROM staff_hours h WHERE h.company_id = :company_id AND h.staff_id = hours.staff_id);

-- name: retire_staff
-- Who has served nobody during the last two months of the data has left.
UPDATE staff s SET is_active = EXISTS (
    SELECT FROM bookings b
    WHERE b.company_id = :company_id AND b.staff_id = s.staff_id
      AND b.on_date > (SELECT least(max(on_date), :today) - 60 FROM bookings
                       WHERE company_id = :company_id AND state = 'completed'))
WHERE s.company_id = :company_id;

-- name: touched
-- Whose bookings this transaction has written.
SELECT DISTINCT client_id FROM bookings WHERE company_id = :company_id AND updated_at = now();

-- name: due_dates_are_old
UPDATE companies SET computed_on = NULL WHERE company_id = :company_id;

-- name: record_import
INSERT INTO imports (company_id, file_name, file_sha256, kind, counts, imported_at)
VALUES (:company_id, :file_name, :file_sha256, :kind, :counts, :now);
