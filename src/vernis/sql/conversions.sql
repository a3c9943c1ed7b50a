-- name: attribute
-- Write into each reactivation since a day what came of it; return how many rows changed.
--
-- A booking counts as made at booked_at, but never later than it starts (walk-ins are entered
-- afterwards). Where the file does not say when, it counts as made when it starts; where it has
-- no times either, as its day begins. So a row with only a day never counts on the message's own
-- day: the client may have come before the message.
--
-- The window is (message, message + days], in the company's local time: on the day the clocks
-- change it still ends at the same hour. A booking belongs to the latest message before it; one
-- made in a dialog belongs to the reactivation that it names, whatever the times.
WITH recent AS (
    SELECT id, client_id, booking_id AS seen_booking_id, booking_created_at AS seen_created_at,
           CASE WHEN arm = 'holdout' THEN planned_at
                WHEN state IN ('accepted', 'delivered', 'read') THEN message_sent_at
           END AS said_at
    FROM client_reactivation_history
    WHERE company_id = :company_id AND plan_on >= :since),
windows AS (
    SELECT id, client_id, said_at, (said_at AT TIME ZONE :zone)::date AS said_on,
           ((said_at AT TIME ZONE :zone) + make_interval(days => :days)) AT TIME ZONE :zone
               AS window_ends_at
    FROM recent WHERE said_at IS NOT NULL),
in_window AS (
    SELECT DISTINCT ON (booking_id) w.id, booking_id, b.client_id, on_date, state, made_at
    FROM windows w
    JOIN bookings b ON b.company_id = :company_id AND b.client_id = w.client_id
                   AND on_date >= said_on AND b.reactivation_id IS NULL
    CROSS JOIN LATERAL (SELECT coalesce(least(booked_at, starts_at),
                                        on_date::timestamp AT TIME ZONE :zone)) AS at (made_at)
    WHERE made_at > said_at AND made_at <= w.window_ends_at
    ORDER BY booking_id, said_at DESC, w.id DESC),
belonging AS (
    SELECT id, booking_id, client_id, on_date, state, made_at, false AS linked FROM in_window
    UNION ALL
    SELECT r.id, b.booking_id, b.client_id, on_date, state,
           -- what the dialog recorded about it stays as it was recorded
           coalesce(CASE WHEN r.seen_booking_id = b.booking_id THEN r.seen_created_at END,
                    least(booked_at, starts_at), on_date::timestamp AT TIME ZONE :zone), true
    FROM recent r
    JOIN bookings b ON b.company_id = :company_id AND b.reactivation_id = r.id),
conversions AS (
    SELECT DISTINCT ON (id) id, booking_id, made_at, visit.on_date AS visit_on, visit.amount_minor
    FROM belonging
    JOIN recent USING (id)
    CROSS JOIN LATERAL (
        SELECT min(v.on_date) AS on_date, sum(v.amount_minor)::bigint AS amount_minor
        FROM bookings v
        WHERE v.company_id = :company_id AND v.client_id = belonging.client_id
          AND v.on_date = belonging.on_date AND v.state = 'completed') AS visit
    -- One conversion each: the living booking of the dialog, else one that was kept, else one
    -- that still stands, else the first that was made.
    ORDER BY id, linked AND state IN ('booked', 'completed') DESC, visit.on_date IS NOT NULL DESC,
             state IN ('booked', 'completed') DESC, linked DESC,
             linked AND booking_id IS NOT DISTINCT FROM seen_booking_id DESC, made_at, booking_id),
changed AS (
    UPDATE client_reactivation_history h
    SET booking_created = c.booking_id IS NOT NULL, booking_id = c.booking_id,
        booking_created_at = c.made_at, visit_on = c.visit_on, revenue_minor = c.amount_minor,
        updated_at = :now
    FROM recent r LEFT JOIN conversions c USING (id)
    WHERE h.company_id = :company_id AND h.id = r.id
      -- a dialog that books at this very moment is not overwritten with what was read before
      AND h.booking_id IS NOT DISTINCT FROM r.seen_booking_id
      AND (h.booking_id, h.booking_created_at, h.visit_on, h.revenue_minor)
          IS DISTINCT FROM (c.booking_id, c.made_at, c.visit_on, c.amount_minor)
    RETURNING 1)
SELECT count(*)::integer FROM changed;

-- name: expect_memory
-- A company's bookings are in memory or on an SSD. By the default, made for turning disks, all of
-- them would be read instead of those of some hundred clients.
SET LOCAL random_page_cost = 1.1;

-- name: record
UPDATE client_reactivation_history
SET booking_created = true, booking_id = :booking_id, booking_created_at = :now, updated_at = :now
WHERE company_id = :company_id AND id = :reactivation_id AND NOT booking_created;
