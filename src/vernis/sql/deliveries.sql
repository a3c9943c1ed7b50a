-- name: whose
-- As the dispatcher: the accounts that a webhook is about, by address or by Meta's business account.
SELECT company_id, account_id FROM accounts WHERE channel = :channel AND address = :address
UNION
SELECT company_id, account_id FROM accounts WHERE channel = :channel AND business = :business;
