-- Who of the salon wrote a message on a page, or which program by its key; and on which form, so
-- that one that is sent twice is written once.
ALTER TABLE messages
    ADD COLUMN user_id bigint,
    ADD COLUMN key_id bigint,
    ADD COLUMN form_key text;
CREATE UNIQUE INDEX messages_by_form_key ON messages (company_id, form_key)
    WHERE form_key IS NOT NULL;

-- Whoever has a dialog open sees what becomes of it: its company and number, and nothing else of it.
CREATE FUNCTION tell_of_dialogs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vernis_changed', d.company_id || ' ' || d.dialog_id)
    FROM (SELECT DISTINCT company_id, dialog_id FROM changed) AS d;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_of_new AFTER INSERT ON messages REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_dialogs();
CREATE TRIGGER tell_of_changed AFTER UPDATE ON messages REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_dialogs();

CREATE FUNCTION tell_of_dialog() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vernis_changed', NEW.company_id || ' ' || NEW.dialog_id);
    RETURN NULL;
END $$;
CREATE TRIGGER tell_of_handover AFTER UPDATE ON dialogs FOR EACH ROW
    WHEN ((OLD.waiting_since, OLD.silent_until, OLD.looked_at)
          IS DISTINCT FROM (NEW.waiting_since, NEW.silent_until, NEW.looked_at))
    EXECUTE FUNCTION tell_of_dialog();
