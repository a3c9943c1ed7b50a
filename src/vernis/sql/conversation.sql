-- name: standing
-- What the assistant remembers of a dialog, and what its last message has promised.
SELECT d.dialog_id, d.account_id, d.phone, d.lid, d.state, a.channel, h.offer,
       coalesce(h.message_sent_at, h.claimed_at) AS sent_at
FROM dialogs d
JOIN accounts a ON a.company_id = :company_id AND a.account_id = d.account_id
LEFT JOIN client_reactivation_history h ON h.company_id = :company_id AND h.id = d.reactivation_id
WHERE d.company_id = :company_id AND d.dialog_id = :dialog_id;
