-- name: contact
SELECT name, phone FROM clients
WHERE company_id = :company_id AND client_id = :client_id AND erased_at IS NULL;
