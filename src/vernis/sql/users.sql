-- name: create
INSERT INTO users (login, name, locale, opens_companies, created_at)
VALUES (:login, :name, :locale, :opens_companies, :now)
ON CONFLICT (login) DO NOTHING
RETURNING user_id;

-- name: anybody_has_password
SELECT EXISTS (SELECT FROM users WHERE password_hash IS NOT NULL);

-- name: first
SELECT user_id, login, name, locale, password_hash, totp_sealed, totp_step, failures, failed_at,
       opens_companies, disabled_at
FROM users WHERE opens_companies ORDER BY user_id LIMIT 1;

-- name: rename
UPDATE users SET login = :login WHERE user_id = :user_id
  AND NOT EXISTS (SELECT FROM users WHERE login = :login AND user_id <> :user_id);

-- name: all_users
SELECT user_id, login, name, locale, password_hash, totp_sealed, totp_step, failures, failed_at,
       opens_companies, disabled_at
FROM users ORDER BY user_id;

-- name: disable
UPDATE users SET disabled_at = :now WHERE user_id = :user_id;

-- name: by_login
SELECT user_id, login, name, locale, password_hash, totp_sealed, totp_step, failures, failed_at,
       opens_companies, disabled_at
FROM users WHERE login = :login;

-- name: by_id
SELECT user_id, login, name, locale, password_hash, totp_sealed, totp_step, failures, failed_at,
       opens_companies, disabled_at
FROM users WHERE user_id = :user_id;

-- name: set_password
UPDATE users SET password_hash = :password_hash, failures = 0, failed_at = NULL
WHERE user_id = :user_id;

-- name: describe
UPDATE users SET name = :name, locale = :locale WHERE user_id = :user_id;

-- name: set_second_factor
UPDATE users SET totp_sealed = :sealed, totp_step = :step WHERE user_id = :user_id;

-- name: use_step
-- A code works once, also for two who send it at the same moment.
UPDATE users SET totp_step = :step WHERE user_id = :user_id AND totp_step < :step;

-- name: failed
UPDATE users SET failures = failures + 1, failed_at = :now WHERE user_id = :user_id;

-- name: succeeded
UPDATE users SET failures = 0, failed_at = NULL WHERE user_id = :user_id AND failures > 0;

-- name: make_link
INSERT INTO login_links (token_hash, user_id, expires_at)
VALUES (:token_hash, :user_id, :expires_at);

-- name: look_at_link
SELECT user_id FROM login_links
WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > :now;

-- name: use_link
UPDATE login_links SET used_at = :now
WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > :now
RETURNING user_id;

-- name: end_links
UPDATE login_links SET used_at = :now WHERE user_id = :user_id AND used_at IS NULL;

-- name: open_session
INSERT INTO sessions (token_hash, user_id, browser, created_at, seen_at, expires_at)
VALUES (:token_hash, :user_id, :browser, :now, :now, :expires_at);

-- name: session
SELECT s.session_id, s.seen_at, u.user_id, u.login, u.name, u.locale, u.password_hash,
       u.totp_sealed, u.totp_step, u.failures, u.failed_at, u.opens_companies, u.disabled_at
FROM sessions s JOIN users u USING (user_id)
WHERE s.token_hash = :token_hash AND s.expires_at > :now AND u.disabled_at IS NULL;

-- name: seen
UPDATE sessions SET seen_at = :now, expires_at = :expires_at WHERE token_hash = :token_hash;

-- name: sessions
SELECT session_id, browser, created_at, seen_at FROM sessions
WHERE user_id = :user_id AND expires_at > :now ORDER BY seen_at DESC;

-- name: close_session
DELETE FROM sessions WHERE user_id = :user_id AND session_id = :session_id;

-- name: close_others
DELETE FROM sessions WHERE user_id = :user_id AND session_id <> :session_id;

-- name: close_all
DELETE FROM sessions WHERE user_id = :user_id;

-- name: drop_expired
DELETE FROM sessions WHERE expires_at <= :now;
