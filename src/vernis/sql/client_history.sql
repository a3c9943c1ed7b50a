-- name: bookings
-- The newest of one client: what was done on which day by whom, and what is ahead.
SELECT on_date, starts_at, s.title, t.name, b.state, amount_minor
FROM bookings b
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = b.service_id
LEFT JOIN staff t ON t.company_id = :company_id AND t.staff_id = b.staff_id
WHERE b.company_id = :company_id AND b.client_id = :client_id
ORDER BY on_date DESC, starts_at DESC NULLS LAST, booking_id DESC LIMIT :most;

-- name: dialog
-- The newest dialog with a client, also where it is known by its number only.
SELECT dialog_id FROM dialogs
WHERE company_id = :company_id AND (client_id = :client_id OR client_id IS NULL AND phone = :phone)
ORDER BY updated_at DESC LIMIT 1;

-- name: crm
SELECT crm FROM crm_connections WHERE company_id = :company_id;

-- name: sharing
-- How many other clients have the same phone.
SELECT count(*) FROM clients
WHERE company_id = :company_id AND phone = :phone AND client_id <> :client_id;

-- name: agree
UPDATE clients SET consent = 'given', consent_source = :source, consent_on = :since
WHERE company_id = :company_id AND client_id = :client_id AND erased_at IS NULL;
