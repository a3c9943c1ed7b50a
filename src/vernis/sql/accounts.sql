-- name: listed
-- In the order of the cascade, then those that are not in it.
SELECT account_id, name, channel, address, business, settings, sealed_token FROM accounts
WHERE company_id = :company_id ORDER BY position NULLS LAST, account_id;

-- name: standings
SELECT a.account_id, a.channel, a.name, a.address, a.position, a.state, a.pause_reason, a.paused_at,
       a.paused_until, a.connection, a.connection_at, a.gap_seconds, a.daily_limit, a.hourly_limit,
       a.new_chats_limit, a.warm_up, a.began_on, a.settings, a.sealed_token IS NOT NULL AS has_token,
       done.*, open.*
FROM accounts a
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE h.tried_at >= :midnight) AS sent_today,
           count(*) FILTER (WHERE h.tried_at > :hour_ago) AS sent_last_hour,
           count(*) FILTER (WHERE h.new_chat AND h.tried_at >= :midnight) AS new_chats_today,
           count(*) FILTER (WHERE h.new_chat AND h.tried_at > :day_ago) AS new_chats_24h
    FROM client_reactivation_history h
    WHERE h.company_id = a.company_id AND h.account_id = a.account_id
      AND h.tried_at > least(:midnight, :day_ago)) AS done
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM client_reactivation_history h
            WHERE h.company_id = a.company_id AND h.account_id = a.account_id
              AND h.tried_at IS NOT NULL AND h.state = 'unknown') AS unknown,
           (SELECT count(*) FROM client_reactivation_history h
            WHERE h.company_id = a.company_id AND h.account_id = a.account_id
              AND h.state = 'written') AS waiting) AS open
WHERE a.company_id = :company_id ORDER BY a.position NULLS LAST, a.account_id;

-- name: lock_addresses
-- Two companies that add the same number at once must not both have it.
SELECT pg_advisory_xact_lock(hashtext('vernis.accounts'));

-- name: owner
-- As the dispatcher: whose account this address is.
SELECT company_id, account_id FROM accounts WHERE channel = :channel AND address = :address;

-- name: enter_company
SELECT set_config('vernis.company_id', :company_id, true);

-- name: named
SELECT account_id FROM accounts
WHERE company_id = :company_id AND lower(name) = lower(:name)
  AND account_id IS DISTINCT FROM :but::bigint;

-- name: add
INSERT INTO accounts (company_id, channel, name, address, business, gap_seconds, daily_limit,
                      hourly_limit, new_chats_limit, warm_up, settings, position)
VALUES (:company_id, :channel, :name, :address, :business, :gap_seconds, :daily_limit,
        :hourly_limit, :new_chats_limit, :warm_up, :settings,
        coalesce(:position, (SELECT coalesce(max(position), 0) + 1 FROM accounts
                             WHERE company_id = :company_id AND channel <> 'sandbox')))
RETURNING account_id;

-- name: make_room
-- Who comes to a place that is taken pushes the others back.
UPDATE accounts SET position = position + 1
WHERE company_id = :company_id AND position >= :position::smallint
  AND EXISTS (SELECT FROM accounts b
              WHERE b.company_id = :company_id AND b.position = :position::smallint
                AND b.account_id IS DISTINCT FROM :account_id::bigint);

-- name: sandbox_out
-- Whoever has a real number does not rehearse any more.
UPDATE accounts SET position = NULL WHERE company_id = :company_id AND channel = 'sandbox';

-- name: row
SELECT name, address, business, gap_seconds, daily_limit, hourly_limit, new_chats_limit, warm_up,
       position, settings
FROM accounts WHERE company_id = :company_id AND account_id = :account_id FOR UPDATE;

-- name: change
-- Another address or template is another matter: what was known of the connection no longer holds.
UPDATE accounts
SET name = :name, address = :address, business = :business, gap_seconds = :gap_seconds,
    daily_limit = :daily_limit, hourly_limit = :hourly_limit, new_chats_limit = :new_chats_limit,
    warm_up = :warm_up, position = :position, settings = :settings,
    connection = CASE WHEN :anew THEN 'unknown' ELSE connection END,
    connection_at = CASE WHEN :anew THEN NULL ELSE connection_at END
WHERE company_id = :company_id AND account_id = :account_id;

-- name: set_token
UPDATE accounts SET sealed_token = :sealed, connection = 'unknown', connection_at = NULL
WHERE company_id = :company_id AND account_id = :account_id;

-- name: is_needed
SELECT EXISTS (SELECT FROM client_reactivation_history
               WHERE company_id = :company_id AND account_id = :account_id)
    OR EXISTS (SELECT FROM messages WHERE company_id = :company_id AND account_id = :account_id)
    OR EXISTS (SELECT FROM dialogs WHERE company_id = :company_id AND account_id = :account_id);

-- name: remove
DELETE FROM accounts WHERE company_id = :company_id AND account_id = :account_id;

-- name: take_out
UPDATE accounts SET position = NULL WHERE company_id = :company_id AND account_id = :account_id;

-- name: hand_over
-- What waits to leave from an account that is no longer in the cascade leaves from another.
UPDATE client_reactivation_history
SET account_id = coalesce(account_for(company_id, phone, now()), account_id)
WHERE company_id = :company_id AND account_id = :account_id AND state = 'written'
  AND claimed_at IS NULL;

-- name: keep_limit_by_hand
-- What a person allowed, beside what the channel allows.
UPDATE accounts SET settings = settings || jsonb_build_object('new_chats', new_chats_limit)
WHERE company_id = :company_id AND account_id = :account_id
  AND NOT settings ?| ARRAY['new_chats', 'tier', 'low_quality'];

-- name: learn
UPDATE accounts SET settings = jsonb_strip_nulls(settings || :learned)
WHERE company_id = :company_id AND account_id = :account_id;

-- name: settle_limit
-- The lower of both; half of it while WhatsApp rates the number low.
UPDATE accounts
SET new_chats_limit = CASE WHEN settings ? 'low_quality'
        THEN coalesce(least((settings ->> 'new_chats')::integer, (settings ->> 'tier')::integer),
                      daily_limit) / 2
        ELSE least((settings ->> 'new_chats')::integer, (settings ->> 'tier')::integer) END
WHERE company_id = :company_id AND account_id = :account_id;
