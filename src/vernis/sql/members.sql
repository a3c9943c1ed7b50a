-- name: companies_of
SELECT company_id, role FROM memberships WHERE user_id = :user_id ORDER BY company_id;

-- name: role_of
SELECT role FROM memberships WHERE company_id = :company_id AND user_id = :user_id;

-- name: listed
SELECT u.user_id, u.login, u.name, m.role, u.password_hash IS NOT NULL AS has_password,
       u.totp_sealed IS NOT NULL AS has_second_factor,
       (SELECT max(seen_at) FROM sessions s WHERE s.user_id = u.user_id) AS seen_at
FROM memberships m JOIN users u USING (user_id)
WHERE m.company_id = :company_id ORDER BY m.created_at, u.user_id;

-- name: lock
SELECT user_id, role FROM memberships WHERE company_id = :company_id FOR UPDATE;

-- name: join
INSERT INTO memberships (company_id, user_id, role, created_at)
VALUES (:company_id, :user_id, :role, :now)
ON CONFLICT (company_id, user_id) DO UPDATE SET role = excluded.role;

-- name: leave
DELETE FROM memberships WHERE company_id = :company_id AND user_id = :user_id;
