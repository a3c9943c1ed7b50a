-- name: listed
-- Some clients in the order of their ids, with what is known of them; those of a text, those that
-- are named by their ids, or all.
SELECT c.client_id, c.external_key, c.name, c.surname, c.phone, c.phone_state, c.consent,
       c.blacklisted, c.declined_at, c.created_at, d.last_visit_on, s.title AS service_title,
       d.interval_days, d.interval_source, d.due_on,
       d.last_visit_on + d.low_days AS opens_on, d.last_visit_on + d.high_days AS closes_on,
       coalesce(d.visit_count, 0) AS visit_count, coalesce(d.spent_minor, 0) AS spent_minor
FROM clients c
LEFT JOIN client_due_dates d ON d.company_id = :company_id AND d.client_id = c.client_id
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = d.service_id
WHERE c.company_id = :company_id AND c.erased_at IS NULL AND c.client_id > :after
  AND (:likes::text IS NULL OR concat_ws(' ', c.name, c.surname, c.name) ILIKE :likes
       OR c.external_key ILIKE :likes)
  AND (:due_before::date IS NULL OR d.due_on < :due_before)
  AND (:ids::bigint[] IS NULL OR c.client_id = ANY(:ids::bigint[]))
ORDER BY c.client_id LIMIT :most;

-- name: ordered
-- The ids of clients with their place in an order: by how soon they are expected, after them those
-- whose day is past, the latest first; or by the last visit. Those without a day are last. What
-- must be true of a reason is asked here, so that few have to be looked at.
SELECT client_id, place FROM (
    SELECT c.client_id,
           coalesce(CASE WHEN :by = 'last' THEN :on - d.last_visit_on
                         WHEN d.due_on >= :on THEN d.due_on - :on
                         ELSE 100000 + (:on - d.due_on) END, 1000000) AS place
    FROM clients c
    LEFT JOIN client_due_dates d ON d.company_id = :company_id AND d.client_id = c.client_id
    WHERE c.company_id = :company_id AND c.erased_at IS NULL
      AND (:likes::text IS NULL
           OR translate(concat_ws(' ', c.name, c.surname, c.name), 'ёЁ', 'еЕ') ILIKE :likes
           OR c.external_key ILIKE :key_like OR c.phone LIKE ANY(:phone_likes::text[]))
      AND CASE :reason::text
          WHEN 'due' THEN d.opens_on <= :on AND d.last_visit_on >= :gone_before
              AND d.last_visit_on + d.high_days >= :on
          WHEN 'lapsed' THEN d.opens_on <= :on AND d.last_visit_on >= :gone_before
              AND d.last_visit_on + d.high_days < :on
          WHEN 'holdout' THEN d.opens_on <= :on AND d.last_visit_on >= :gone_before
          WHEN 'no_visits' THEN d.client_id IS NULL
          WHEN 'no_phone' THEN d.client_id IS NOT NULL AND c.phone_state = 'missing'
          WHEN 'invalid_phone' THEN d.client_id IS NOT NULL AND c.phone_state = 'invalid'
          WHEN 'blacklisted' THEN c.blacklisted
          WHEN 'opted_out' THEN c.phone = ANY(:stopped::text[])
          WHEN 'no_consent' THEN d.client_id IS NOT NULL
              AND (c.consent = 'refused' OR c.consent = 'unknown' AND :each_agrees)
          WHEN 'gone_too_long' THEN d.last_visit_on < :gone_before
          WHEN 'declined' THEN c.declined_at IS NOT NULL
          WHEN 'asked_later' THEN c.remind_on > :on
          WHEN 'future_booking' THEN EXISTS (
              SELECT FROM bookings b
              WHERE b.company_id = :company_id AND b.client_id = c.client_id
                AND b.state = 'booked' AND b.on_date >= :on)
          WHEN 'attempts_exhausted' THEN EXISTS (
              SELECT FROM client_reactivation_history h
              WHERE h.company_id = :company_id AND h.client_id = c.client_id
                AND h.last_visit_date = d.last_visit_on)
          WHEN 'contacted_recently' THEN EXISTS (
              SELECT FROM client_reactivation_history h
              WHERE h.company_id = :company_id AND h.phone = c.phone
                AND (h.plan_on > :on - 120 OR h.state IN ('planned', 'written', 'claimed')))
          WHEN 'in_dialog' THEN EXISTS (
              SELECT FROM dialogs g
              WHERE g.company_id = :company_id AND g.client_id = c.client_id)
          WHEN 'not_on_channel' THEN EXISTS (
              SELECT FROM reach r
              WHERE r.company_id = :company_id AND r.phone = c.phone AND NOT r.reachable)
          WHEN 'not_due' THEN d.client_id IS NOT NULL
          ELSE true END) AS found
WHERE (place, client_id) > (:after_place, :after)
ORDER BY place, client_id LIMIT :most;

-- name: phones
SELECT DISTINCT phone FROM clients
WHERE company_id = :company_id AND phone IS NOT NULL AND erased_at IS NULL;

-- name: number
SELECT count(*) FROM clients WHERE company_id = :company_id AND erased_at IS NULL;
