-- name: company
-- One company and its settings.
SELECT company_id, name, locale, address, timezone, currency, country, send_from, send_until,
       send_days, plan_at, daily_cap, holdout_percent, max_attempts, cooldown_days,
       gone_too_long_days, attribution_days, consent_required, offers, tone, variants,
       variants_since, banned_words, approval, free_times_in_messages, model_limit_minor, facts,
       silence_minutes, assistant, days_off, public_holidays, consent_basis, consent_basis_on,
       started_at, approval_until
FROM companies WHERE company_id = :company_id;

-- name: all_companies
-- As the dispatcher: which companies there are.
SELECT company_id, name FROM companies ORDER BY company_id;

-- name: companies_among
-- As the dispatcher: those of some companies whose name has these words in it, by name.
SELECT company_id, name FROM companies
WHERE company_id = ANY(:ids::bigint[]) AND strpos(lower(name), lower(:words)) > 0
ORDER BY lower(name), company_id LIMIT :most;

-- name: lock_creation
-- Two imports that start at once must not create the same company twice.
SELECT pg_advisory_xact_lock(hashtext('vernis.companies'));

-- name: company_named
SELECT company_id FROM companies WHERE lower(name) = lower(:name) ORDER BY company_id LIMIT 1;

-- name: enter_new_company
SELECT set_config('vernis.company_id',
                  nextval(pg_get_serial_sequence('companies', 'company_id'))::text, true);

-- name: create_company
INSERT INTO companies (company_id, name, locale, timezone, currency, country, consent_required)
VALUES (:company_id, :name, :locale, :timezone, :currency, :country, :consent_required);

-- name: let_in_those_who_open_companies
INSERT INTO memberships (company_id, user_id, role, created_at)
SELECT :company_id, user_id, 'owner', now() FROM users
WHERE opens_companies AND disabled_at IS NULL;

-- name: create_account
-- The sandbox is what every company starts with: nothing leaves the house.
INSERT INTO accounts (company_id, channel, name, gap_seconds, daily_limit)
VALUES (:company_id, 'sandbox', 'sandbox', 0, 10000);

-- name: change
UPDATE companies
SET name = :name, locale = :locale, address = :address, timezone = :timezone,
    send_from = :send_from, send_until = :send_until, send_days = :send_days, plan_at = :plan_at,
    daily_cap = :daily_cap, holdout_percent = :holdout_percent, max_attempts = :max_attempts,
    cooldown_days = :cooldown_days, gone_too_long_days = :gone_too_long_days,
    attribution_days = :attribution_days, consent_required = :consent_required, offers = :offers,
    tone = :tone, banned_words = :banned_words, approval = :approval,
    free_times_in_messages = :free_times_in_messages, model_limit_minor = :model_limit_minor,
    variants = :variants, facts = :facts, silence_minutes = :silence_minutes,
    assistant = :assistant, days_off = :days_off, public_holidays = :public_holidays,
    consent_basis = :consent_basis,
    consent_basis_on = CASE WHEN :consent_basis::text IS NOT NULL
                            THEN coalesce(:consent_basis_on,
                                          (coalesce(:now, now()) AT TIME ZONE :timezone)::date) END,
    variants_since = CASE WHEN :is_new_test THEN coalesce(:now::timestamptz, now())
                          ELSE variants_since END
WHERE company_id = :company_id
RETURNING variants_since, consent_basis_on;

-- name: hold_back
-- What has not left becomes a draft, as if it had been written under the new rule.
UPDATE client_reactivation_history SET send_after = NULL, updated_at = coalesce(:now, now())
WHERE company_id = :company_id AND state = 'written' AND claimed_at IS NULL
  AND approved_at IS NULL;

-- name: without_consent
-- Clients of whom nothing is known about consent, themselves.
SELECT count(*) FROM clients
WHERE company_id = :company_id AND consent = 'unknown' AND erased_at IS NULL;

-- name: discard
-- Only an empty one: whoever has clients stays.
DELETE FROM companies WHERE company_id = :company_id AND NOT EXISTS (
    SELECT FROM clients c WHERE c.company_id = :company_id);
