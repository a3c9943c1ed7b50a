-- What is looked up for every message that comes in. As one statement it would be planned anew each
-- time, as several it would cost a round trip each.

-- The dialog that has the message already (`seen`); or who writes, by LID or phone, and about which
-- reactivation: the one that is quoted, else the newest since then that may have reached this phone.
-- One whose call has not returned counts, a fast reply must not overtake it; one that waits to be
-- repeated may have left as well.
CREATE FUNCTION recognise(of_company bigint, of_account bigint, of_message text, of_quoted text,
                          of_phone text, of_lid text, since timestamptz,
                          OUT seen bigint, OUT writer bigint, OUT writes_from text,
                          OUT about bigint, OUT about_state text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    known clients;
    answered client_reactivation_history;
BEGIN
    SELECT dialog_id INTO seen FROM messages
    WHERE company_id = of_company AND account_id = of_account AND direction = 'in'
      AND provider_message_id = of_message;
    IF FOUND THEN
        RETURN;
    END IF;
    IF of_lid IS NOT NULL THEN
        SELECT * INTO known FROM clients
        WHERE company_id = of_company AND lid = of_lid AND erased_at IS NULL
        ORDER BY client_id LIMIT 1;
    END IF;
    writes_from := coalesce(of_phone, known.phone);
    IF of_quoted IS NOT NULL THEN
        SELECT * INTO answered FROM client_reactivation_history
        WHERE company_id = of_company AND account_id = of_account
          AND provider_message_id = of_quoted;
    END IF;
    IF answered.id IS NULL THEN
        SELECT * INTO answered FROM client_reactivation_history
        WHERE company_id = of_company AND phone = writes_from AND claimed_at > since
          AND state IN ('written', 'claimed', 'accepted', 'delivered', 'read', 'unknown')
        ORDER BY claimed_at DESC LIMIT 1;
        answered.state := CASE answered.state WHEN 'written' THEN 'unknown' ELSE answered.state END;
    END IF;
    IF answered.id IS NULL AND known.client_id IS NULL THEN
        SELECT * INTO known FROM clients
        WHERE company_id = of_company AND phone = of_phone AND erased_at IS NULL
        ORDER BY client_id LIMIT 1;
    END IF;
    writer := coalesce(answered.client_id, known.client_id);
    writes_from := coalesce(writes_from, answered.phone);
    about := answered.id;
    about_state := answered.state;
END $$;

-- The dialog of this phone, or of this LID while the phone is not known; opened where there is none.
-- Each step sees what others have committed while the step before it waited for them.
CREATE FUNCTION dialog_of(of_company bigint, of_account bigint, of_phone text, of_lid text,
                          of_client bigint, of_reactivation bigint, at timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found_id bigint;
BEGIN
    INSERT INTO dialogs (company_id, account_id, phone, lid, client_id, reactivation_id, updated_at)
    VALUES (of_company, of_account, of_phone, of_lid, of_client, of_reactivation, at)
    ON CONFLICT DO NOTHING RETURNING dialog_id INTO found_id;
    IF found_id IS NOT NULL THEN
        RETURN found_id;
    END IF;
    SELECT dialog_id INTO found_id FROM dialogs
    WHERE company_id = of_company AND phone = of_phone FOR UPDATE;
    IF found_id IS NULL THEN
        SELECT dialog_id INTO STRICT found_id FROM dialogs
        WHERE company_id = of_company AND lid = of_lid FOR UPDATE;
    END IF;
    -- A phone or LID that another dialog has stays with that one.
    UPDATE dialogs d
    SET phone = CASE WHEN EXISTS (SELECT FROM dialogs o WHERE o.company_id = of_company
                                  AND o.phone = of_phone AND o.dialog_id <> found_id)
                     THEN phone ELSE coalesce(phone, of_phone) END,
        lid = CASE WHEN EXISTS (SELECT FROM dialogs o WHERE o.company_id = of_company
                                AND o.lid = of_lid AND o.dialog_id <> found_id)
                   THEN lid ELSE coalesce(lid, of_lid) END,
        client_id = coalesce(of_client, client_id),
        reactivation_id = coalesce(of_reactivation, reactivation_id),
        account_id = of_account, updated_at = at
    WHERE company_id = of_company AND dialog_id = found_id;
    RETURN found_id;
END $$;
GRANT EXECUTE ON FUNCTION recognise, dialog_of TO vernis_app;
