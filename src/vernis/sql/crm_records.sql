-- name: stage
-- One line per record and service, with our own ids.
CREATE TEMP TABLE staged_records ON COMMIT DROP AS
SELECT s.record, c.client_id, v.service_id, t.staff_id, s.on_date, s.starts_at, s.ends_at, s.state,
       s.amount_minor, s.booked_at, s.cancelled_at, i.reactivation_id
FROM jsonb_to_recordset(:rows::jsonb) AS s (
    record text, client text, staff text, service text, on_date date, starts_at timestamptz,
    ends_at timestamptz, state text, amount_minor bigint, booked_at timestamptz,
    cancelled_at timestamptz, key text)
JOIN clients c ON c.company_id = :company_id AND c.external_key = s.client
LEFT JOIN staff t ON t.company_id = :company_id AND t.external_key = s.staff
LEFT JOIN services v ON v.company_id = :company_id AND v.external_key = s.service
-- what we set out to book, and the CRM made without our hearing of it
LEFT JOIN booking_intents i ON i.company_id = :company_id AND i.key = s.key;

-- name: drop
DROP TABLE staged_records;

-- name: known_services
SELECT external_key FROM services
WHERE company_id = :company_id AND external_key = ANY(:keys::text[]);

-- name: known_staff
SELECT external_key FROM staff
WHERE company_id = :company_id AND external_key = ANY(:keys::text[]);

-- name: known_clients
SELECT external_key FROM clients
WHERE company_id = :company_id AND external_key = ANY(:keys::text[]);

-- name: known
-- Records that have bookings already. The steps that follow name them once more, as values: so each
-- is looked up by its key, however many bookings there are.
SELECT DISTINCT external_key FROM bookings
WHERE company_id = :company_id AND origin = 'crm' AND external_key = ANY(:records::text[]);

-- name: cancel
-- A deleted record keeps the services that it had.
WITH deleted AS (
    SELECT record, max(cancelled_at) AS cancelled_at FROM staged_records
    WHERE state = 'cancelled' GROUP BY record)
UPDATE bookings b SET state = 'cancelled', cancelled_at = coalesce(d.cancelled_at, :now),
    updated_at = :now
FROM deleted d
WHERE b.company_id = :company_id AND b.origin = 'crm' AND b.external_key = ANY(:records::text[])
  AND b.external_key = d.record AND b.state <> 'cancelled'
RETURNING b.client_id;

-- name: forget_cancelled
DELETE FROM staged_records WHERE state = 'cancelled' AND record = ANY(:records::text[]);

-- name: moved_from
-- Whose bookings become somebody else's.
SELECT DISTINCT b.client_id FROM staged_records s
JOIN bookings b ON b.company_id = :company_id AND b.origin = 'crm' AND b.external_key = s.record
WHERE b.external_key = ANY(:records::text[]) AND b.client_id <> s.client_id;

-- name: exchange
-- A service was put in another one's place: the booking stays the same booking.
WITH old AS (
    SELECT b.booking_id, b.external_key AS record,
           row_number() OVER (PARTITION BY b.external_key
                              ORDER BY b.reactivation_id IS NULL, b.booking_id) AS place
    FROM bookings b
    WHERE b.company_id = :company_id AND b.origin = 'crm'
      AND b.external_key = ANY(:records::text[])
      AND b.external_key IN (SELECT record FROM staged_records)
      AND NOT EXISTS (SELECT FROM staged_records s
                      WHERE s.record = b.external_key
                        AND s.service_id IS NOT DISTINCT FROM b.service_id)),
new AS (
    SELECT s.record, s.service_id,
           row_number() OVER (PARTITION BY s.record ORDER BY s.service_id) AS place
    FROM staged_records s
    WHERE s.record = ANY(:records::text[])
      AND NOT EXISTS (SELECT FROM bookings b
                      WHERE b.company_id = :company_id AND b.origin = 'crm'
                        AND b.external_key = ANY(:records::text[]) AND b.external_key = s.record
                        AND b.service_id IS NOT DISTINCT FROM s.service_id))
UPDATE bookings b SET service_id = new.service_id, updated_at = :now
FROM old JOIN new USING (record, place)
WHERE b.company_id = :company_id AND b.booking_id = old.booking_id
RETURNING b.client_id;

-- name: take_off
-- A service taken off its record; what was counted by it goes along with the rest.
WITH gone AS (
    SELECT b.booking_id, b.client_id, b.reactivation_id, kept.booking_id AS kept
    FROM bookings b
    CROSS JOIN LATERAL (
        SELECT k.booking_id FROM bookings k
        JOIN staged_records s ON s.record = k.external_key
                             AND s.service_id IS NOT DISTINCT FROM k.service_id
        WHERE k.company_id = :company_id AND k.origin = 'crm'
          AND k.external_key = ANY(:records::text[]) AND k.external_key = b.external_key
        ORDER BY k.booking_id LIMIT 1) AS kept
    WHERE b.company_id = :company_id AND b.origin = 'crm'
      AND b.external_key = ANY(:records::text[])
      AND b.external_key IN (SELECT record FROM staged_records)
      AND NOT EXISTS (SELECT FROM staged_records s
                      WHERE s.record = b.external_key
                        AND s.service_id IS NOT DISTINCT FROM b.service_id)),
counted AS (
    UPDATE client_reactivation_history h SET booking_id = g.kept
    FROM gone g WHERE h.company_id = :company_id AND h.booking_id = g.booking_id),
intended AS (
    UPDATE booking_intents i SET booking_id = g.kept
    FROM gone g WHERE i.company_id = :company_id AND i.booking_id = g.booking_id),
linked AS (
    UPDATE bookings k SET reactivation_id = coalesce(k.reactivation_id, g.reactivation_id)
    FROM (SELECT kept, max(reactivation_id) AS reactivation_id FROM gone GROUP BY kept) AS g
    WHERE k.company_id = :company_id AND k.booking_id = g.kept AND g.reactivation_id IS NOT NULL)
DELETE FROM bookings b USING gone g
WHERE b.company_id = :company_id AND b.booking_id = g.booking_id
RETURNING g.client_id;

-- name: merge
INSERT INTO bookings AS b
    (company_id, origin, external_key, client_id, service_id, staff_id, on_date, starts_at, ends_at,
     state, amount_minor, booked_at, cancelled_at, reactivation_id, updated_at)
SELECT :company_id, 'crm', record, client_id, service_id, staff_id, on_date, starts_at, ends_at,
       state, amount_minor, booked_at,
       CASE WHEN state = 'cancelled' THEN coalesce(cancelled_at, :now) END, reactivation_id, :now
FROM staged_records ORDER BY record, service_id
ON CONFLICT (company_id, origin, external_key, service_id) WHERE origin <> 'file' DO UPDATE SET
    client_id = excluded.client_id, staff_id = excluded.staff_id, on_date = excluded.on_date,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, state = excluded.state,
    amount_minor = excluded.amount_minor, booked_at = coalesce(b.booked_at, excluded.booked_at),
    cancelled_at = excluded.cancelled_at,
    reactivation_id = coalesce(b.reactivation_id, excluded.reactivation_id), updated_at = :now
WHERE (b.client_id, b.staff_id, b.on_date, b.starts_at, b.ends_at, b.state, b.amount_minor,
       b.booked_at, b.cancelled_at, b.reactivation_id)
   IS DISTINCT FROM
      (excluded.client_id, excluded.staff_id, excluded.on_date, excluded.starts_at, excluded.ends_at,
       excluded.state, excluded.amount_minor, coalesce(b.booked_at, excluded.booked_at),
       excluded.cancelled_at, coalesce(b.reactivation_id, excluded.reactivation_id))
RETURNING b.client_id;

-- name: seen
-- A run through everything marks what it sees, so that what it did not see shows.
UPDATE bookings SET updated_at = :now
WHERE company_id = :company_id AND origin = 'crm' AND external_key = ANY(:records::text[])
  AND updated_at < :started_at;

-- name: cancel_unseen
-- In the CRM no more; a record that cannot be read is there all the same.
UPDATE bookings b SET state = 'cancelled', cancelled_at = :now, updated_at = :now
WHERE b.company_id = :company_id AND b.origin = 'crm' AND b.on_date >= :since
  AND b.updated_at < :started_at AND b.state <> 'cancelled'
  AND NOT EXISTS (SELECT FROM crm_rejects r
                  WHERE r.company_id = :company_id AND r.entity = 'records'
                    AND r.external_id = b.external_key)
RETURNING b.client_id;

-- name: covered_from
-- The first day that the CRM knows; before it the files are all there is.
SELECT min(on_date) FROM bookings
WHERE company_id = :company_id AND origin = 'crm' AND on_date >= :since;

-- name: replace_files
-- What the CRM tells of these days is told by it alone; what was counted by a file's row is counted
-- by the CRM's row of the same client and day, or else anew.
WITH old AS (
    SELECT f.booking_id, (
        SELECT k.booking_id FROM bookings k
        WHERE k.company_id = :company_id AND k.origin = 'crm' AND k.client_id = f.client_id
          AND k.on_date = f.on_date
        ORDER BY k.service_id IS NOT DISTINCT FROM f.service_id DESC, k.booking_id LIMIT 1) AS new
    FROM bookings f
    WHERE f.company_id = :company_id AND f.origin = 'file' AND f.on_date >= :covered_from),
counted AS (
    UPDATE client_reactivation_history h
    SET booking_id = old.new, booking_created = old.new IS NOT NULL,
        booking_created_at = CASE WHEN old.new IS NOT NULL THEN h.booking_created_at END,
        visit_on = CASE WHEN old.new IS NOT NULL THEN h.visit_on END,
        revenue_minor = CASE WHEN old.new IS NOT NULL THEN h.revenue_minor END, updated_at = :now
    FROM old WHERE h.company_id = :company_id AND h.booking_id = old.booking_id),
intended AS (
    UPDATE booking_intents i SET booking_id = old.new
    FROM old WHERE i.company_id = :company_id AND i.booking_id = old.booking_id
      AND old.new IS NOT NULL)
DELETE FROM bookings b USING old
WHERE b.company_id = :company_id AND b.booking_id = old.booking_id;

-- name: due_dates_are_old
UPDATE companies SET computed_on = NULL WHERE company_id = :company_id;
