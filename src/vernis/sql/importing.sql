-- name: service_names
SELECT folded, service_id FROM service_names WHERE company_id = :company_id;

-- name: add_service
INSERT INTO services (company_id, title, category, price_minor, duration_minutes, is_active,
                      standard_key, standard_confidence)
VALUES (:company_id, :title, :category, :price_minor, coalesce(:duration_minutes, 60), :is_active,
        :standard_key, :standard_confidence)
RETURNING service_id;

-- name: change_service
UPDATE services SET title = :title, category = coalesce(:category, category),
    price_minor = coalesce(:price_minor, price_minor),
    duration_minutes = coalesce(:duration_minutes, duration_minutes), is_active = :is_active,
    standard_key = :standard_key, standard_confidence = :standard_confidence
WHERE company_id = :company_id AND service_id = :service_id;

-- name: name_service
INSERT INTO service_names (company_id, folded, service_id)
VALUES (:company_id, :folded, :service_id)
ON CONFLICT (company_id, folded) DO UPDATE SET service_id = excluded.service_id;

-- name: drop_doubled_bookings
-- Two names turn out to be one service: of a day's two rows the one that says more stays.
DELETE FROM bookings b USING bookings k
WHERE b.company_id = :company_id AND k.company_id = :company_id
  AND b.origin = 'file' AND k.origin = 'file'
  AND b.client_id = k.client_id AND b.on_date = k.on_date
  AND b.service_id IN (:kept, :merged) AND k.service_id IN (:kept, :merged)
  AND b.service_id <> k.service_id
  AND (array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], b.state), b.booking_id)
    < (array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], k.state), k.booking_id);

-- name: move_bookings
UPDATE bookings SET service_id = :kept WHERE company_id = :company_id AND service_id = :merged;

-- name: move_reactivations
UPDATE client_reactivation_history SET last_service_id = :kept
WHERE company_id = :company_id AND last_service_id = :merged;

-- name: move_intents
UPDATE booking_intents SET service_id = :kept
WHERE company_id = :company_id AND service_id = :merged;

-- name: drop_service
DELETE FROM services WHERE company_id = :company_id AND service_id = :merged;

-- name: stage_clients
CREATE TEMP TABLE staged_clients (
    ref text, name text, surname text, phone text, phone_state text, gender text, consent text,
    blacklisted boolean, line integer
) ON COMMIT DROP;

-- name: adopt_clients
-- Known so far by phone only, from a file of visits: now the CRM's own code is known.
UPDATE clients c SET external_key = s.ref
FROM (SELECT DISTINCT ON (phone) phone, ref FROM staged_clients
      WHERE phone IS NOT NULL AND ref NOT LIKE 'tel:%%' ORDER BY phone, line) AS s
WHERE c.company_id = :company_id AND c.external_key = 'tel:' || s.phone
  AND NOT EXISTS (SELECT FROM clients k WHERE k.company_id = :company_id AND k.external_key = s.ref);

-- name: merge_clients
-- What a file does not say stays as it was; an opt-out or a refusal is never taken back by a file.
INSERT INTO clients AS c
    (company_id, external_key, name, surname, phone, phone_state, gender, consent, blacklisted)
SELECT DISTINCT ON (ref) :company_id, ref, nullif(name, ''), nullif(surname, ''), phone, phone_state,
       gender, coalesce(consent, 'unknown'), coalesce(blacklisted, false)
FROM staged_clients ORDER BY ref, line DESC
ON CONFLICT (company_id, external_key) DO UPDATE SET
    name = coalesce(excluded.name, c.name), surname = coalesce(excluded.surname, c.surname),
    phone = CASE excluded.phone_state WHEN 'missing' THEN c.phone ELSE excluded.phone END,
    phone_state = CASE excluded.phone_state WHEN 'missing' THEN c.phone_state
                                            ELSE excluded.phone_state END,
    gender = coalesce(excluded.gender, c.gender),
    consent = CASE WHEN excluded.consent = 'unknown' OR c.consent = 'refused' THEN c.consent
                   ELSE excluded.consent END,
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
SELECT DISTINCT ON (key) service FROM staged_bookings s
WHERE key IS NOT NULL AND NOT EXISTS (
    SELECT FROM service_names n WHERE n.company_id = :company_id AND n.folded = s.key)
ORDER BY key, line;

-- name: index_staged
ANALYZE staged_bookings;

-- name: create_clients
-- Clients that only a visit names. One whose phone a known client has is that client.
INSERT INTO clients (company_id, external_key, name, surname, phone, phone_state)
SELECT DISTINCT ON (s.ref) :company_id, s.ref, nullif(s.name, ''), nullif(s.surname, ''), s.phone,
       CASE WHEN s.phone IS NULL THEN 'missing' ELSE 'valid' END
FROM staged_bookings s
WHERE NOT EXISTS (SELECT FROM clients c
                  WHERE c.company_id = :company_id AND c.external_key = s.ref)
  AND NOT (s.ref LIKE 'tel:%%' AND EXISTS (SELECT FROM clients c
           WHERE c.company_id = :company_id AND c.phone = s.phone))
ORDER BY s.ref, s.line
ON CONFLICT DO NOTHING;

-- name: create_staff
INSERT INTO staff (company_id, external_key, name)
SELECT DISTINCT ON (lower(staff)) :company_id, lower(staff), staff
FROM staged_bookings WHERE staff IS NOT NULL ORDER BY lower(staff), line
ON CONFLICT (company_id, external_key) DO NOTHING;

-- name: forget_moved
-- An appointment with an id that this file has on another day: it was moved.
DELETE FROM bookings b USING staged_bookings s
WHERE b.company_id = :company_id AND b.origin = 'file' AND b.external_key = s.external_key
  AND b.state = 'booked' AND s.state <> 'completed' AND b.on_date <> s.on_date;

-- name: merge_bookings
-- One row per client, day and service: amounts of a file add up, what happened outranks what was
-- planned (completed, no-show, cancelled, booked). A second reading changes nothing.
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
    SELECT client_id, on_date, service_id,
           (array_agg(staff_id ORDER BY rank DESC, line) FILTER (WHERE staff_id IS NOT NULL))[1]
               AS staff_id,
           min(starts_at) AS starts_at, sum(amount_minor)::bigint AS amount_minor,
           (array_agg(state ORDER BY rank DESC))[1] AS state,
           min(booked_on) AS booked_on, max(cancelled_on) AS cancelled_on,
           min(external_key) AS external_key, min(line) AS line
    FROM resolved GROUP BY client_id, on_date, service_id)
INSERT INTO bookings AS b
    (company_id, origin, external_key, client_id, service_id, staff_id, on_date, starts_at, ends_at,
     state, amount_minor, booked_at, cancelled_at)
SELECT :company_id, 'file', g.external_key, g.client_id, g.service_id, g.staff_id, g.on_date,
       g.starts_at, g.starts_at + make_interval(mins => coalesce(v.duration_minutes, 60)), g.state,
       g.amount_minor, g.booked_on AT TIME ZONE :timezone,
       CASE WHEN g.state = 'cancelled' THEN g.cancelled_on AT TIME ZONE :timezone END
FROM grouped g
LEFT JOIN services v ON v.company_id = :company_id AND v.service_id = g.service_id
ORDER BY g.line
ON CONFLICT (company_id, client_id, on_date, service_id) WHERE origin = 'file' DO UPDATE SET
    state = CASE WHEN array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], b.state)
                    > array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'],
                                     excluded.state)
                 THEN b.state ELSE excluded.state END,
    staff_id = coalesce(b.staff_id, excluded.staff_id),
    starts_at = coalesce(b.starts_at, excluded.starts_at),
    ends_at = coalesce(b.ends_at, excluded.ends_at),
    amount_minor = coalesce(excluded.amount_minor, b.amount_minor),
    booked_at = coalesce(b.booked_at, excluded.booked_at),
    cancelled_at = coalesce(b.cancelled_at, excluded.cancelled_at),
    updated_at = now()
WHERE (array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], excluded.state)
       > array_position(ARRAY['booked', 'cancelled', 'no_show', 'completed'], b.state))
   OR coalesce(excluded.amount_minor, b.amount_minor) IS DISTINCT FROM b.amount_minor
   OR (b.starts_at IS NULL AND excluded.starts_at IS NOT NULL)
   OR (b.staff_id IS NULL AND excluded.staff_id IS NOT NULL)
   OR (b.booked_at IS NULL AND excluded.booked_at IS NOT NULL)
   OR (b.cancelled_at IS NULL AND excluded.cancelled_at IS NOT NULL);

-- name: occupy
-- Appointments ahead take their master's time. Those that overlap in the salon's own book stay so.
INSERT INTO busy_quarters (company_id, staff_id, starts_at, booking_id)
SELECT b.company_id, b.staff_id, q, b.booking_id
FROM bookings b,
     generate_series(date_bin('15 minutes', b.starts_at, '2000-01-01Z'),
                     b.ends_at - interval '1 second', '15 minutes') AS q
WHERE b.company_id = :company_id AND b.state = 'booked' AND b.staff_id IS NOT NULL
  AND b.starts_at IS NOT NULL
  AND b.on_date >= coalesce((SELECT max(on_date) FROM bookings
                             WHERE company_id = :company_id AND state = 'completed'), '-infinity')
ON CONFLICT DO NOTHING;

-- name: release
DELETE FROM busy_quarters q USING bookings b
WHERE q.company_id = :company_id AND b.company_id = :company_id AND b.booking_id = q.booking_id
  AND b.state <> 'booked';

-- name: infer_hours
-- Working hours of staff that have none: the weekdays and hours at which they were booked during
-- the last half year of the data; ten to seven where the files have no times.
WITH days AS (
    SELECT staff_id, extract(isodow FROM on_date)::smallint AS weekday,
           date_trunc('hour', starts_at AT TIME ZONE :timezone)::time AS starts,
           (starts_at AT TIME ZONE :timezone)::time AS last_start
    FROM bookings
    WHERE company_id = :company_id AND staff_id IS NOT NULL AND state <> 'cancelled'
      AND on_date > (SELECT max(on_date) - 180 FROM bookings
                     WHERE company_id = :company_id AND state = 'completed')),
hours AS (
    SELECT staff_id, weekday, coalesce(min(starts), '10:00') AS opens,
           coalesce(least(max(last_start), '22:00') + interval '1 hour', '19:00') AS closes
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
      AND b.on_date > (SELECT max(on_date) - 60 FROM bookings
                       WHERE company_id = :company_id AND state = 'completed'))
WHERE s.company_id = :company_id;

-- name: due_dates_are_old
UPDATE companies SET computed_on = NULL WHERE company_id = :company_id;

-- name: record_import
INSERT INTO imports (company_id, file_name, file_sha256, kind, counts, imported_at)
VALUES (:company_id, :file_name, :file_sha256, :kind, :counts, :now);

-- name: has_service_list
SELECT EXISTS (SELECT FROM imports WHERE company_id = :company_id AND kind = 'services');
