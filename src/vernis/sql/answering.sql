-- name: claim_answers
-- The next answer of each dialog; it is exempt from hours and pace, for the client just wrote.
-- What stands before it in its dialog leaves first, whoever sends it. An account that rests from
-- campaigns still answers, unless it cannot send at all.
UPDATE messages m SET state = 'claimed', claimed_at = :now, send_tries = m.send_tries + 1
FROM (SELECT w.message_id, g.phone, g.lid, a.channel, a.address, a.business, a.settings,
             a.sealed_token,
             w.claimed_at IS NOT NULL AS doubtful,
             (SELECT max(i.said_at) FROM messages i
              WHERE i.company_id = w.company_id AND i.dialog_id = w.dialog_id
                AND i.account_id = w.account_id AND i.direction = 'in') AS last_heard_at
      FROM messages w
      JOIN dialogs g ON g.company_id = w.company_id AND g.dialog_id = w.dialog_id
      JOIN accounts a ON a.company_id = w.company_id AND a.account_id = w.account_id
      WHERE w.company_id = :company_id AND w.state = 'written'
        AND (a.state = 'active' OR a.pause_reason NOT IN ('logged_out', 'unauthorised'))
        AND a.channel = ANY(:channels) AND w.message_id <> ALL(:tried)
        AND NOT EXISTS (SELECT FROM messages e
                        WHERE e.company_id = w.company_id AND e.dialog_id = w.dialog_id
                          AND e.direction = 'out' AND e.state IN ('written', 'claimed')
                          AND e.message_id < w.message_id)
      ORDER BY w.message_id LIMIT :batch FOR UPDATE OF w SKIP LOCKED) AS t
WHERE m.company_id = :company_id AND m.message_id = t.message_id
RETURNING m.message_id, t.phone, t.lid, m.body, m.account_id, t.channel, t.address, t.business,
          t.settings, t.sealed_token, m.send_tries, t.doubtful, t.last_heard_at;

-- name: name_answers
-- What the channel will call them, before it is called.
UPDATE messages m SET provider_message_id = coalesce(m.provider_message_id, t.provider_id)
FROM unnest(:ids::bigint[], :provider_ids::text[]) AS t (id, provider_id)
WHERE m.company_id = :company_id AND m.message_id = t.id;

-- name: settle_answers
UPDATE messages m
SET state = CASE WHEN m.state = 'claimed' OR m.state IN ('written', 'unknown')
                      AND t.state = 'accepted' THEN t.state ELSE m.state END,
    provider_message_id = coalesce(t.provider_id, m.provider_message_id),
    said_at = coalesce(t.sent_at, m.said_at),
    refusal = coalesce(t.refusal, m.refusal),
    claimed_at = CASE WHEN m.state = 'claimed' AND t.as_new THEN NULL ELSE m.claimed_at END,
    send_tries = CASE WHEN m.state = 'claimed' AND t.uncounted THEN greatest(m.send_tries - 1, 0)
                      ELSE m.send_tries END
FROM unnest(:ids::bigint[], :states::text[], :provider_ids::text[], :sent_ats::timestamptz[],
            :refusals::text[], :as_news::boolean[], :uncounteds::boolean[])
     AS t (id, state, provider_id, sent_at, refusal, as_new, uncounted)
WHERE m.company_id = :company_id AND m.message_id = t.id;
