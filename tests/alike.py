"""Which tests that use the database PostgreSQL does not see: they would only say the same a second time.

All of them run on SQLite. A statement is of the same kind as another one when both are equal but for values and the
length of lists.
"""

from __future__ import annotations

ABOUT_OTHER_THINGS: dict[str, set[str]] = {
    "accounts/test_admin_pages": set(),
    "accounts/test_commands": {
        "test_a_backup_operator_is_told_later",
        "test_again_changes_what_is_given_and_nothing_else",
        "test_names_who_there_is",
        "test_the_very_first_is_superuser_unless_told_otherwise",
    },
    "accounts/test_lockout": {
        "test_operations_can_lift_a_lockout",
        "test_wrong_answers_lock_the_pair_out",
    },
    "accounts/test_login_page": set(),
    "accounts/test_otp_endpoints": {
        "test_the_code_stands_in_no_row_and_no_log_line",
    },
    "accounts/test_permissions": {
        "test_the_trail_is_searched_and_filtered_and_never_changed",
        "test_the_trail_shows_an_operator_his_own_entries",
    },
    "accounts/test_redis_outage": set(),
    "accounts/test_sessions": {
        "test_a_request_under_way_cannot_bring_a_revoked_session_back",
        "test_a_session_ends_after_its_longest_life_however_it_is_used",
        "test_a_session_slides_at_most_once_a_minute",
        "test_an_expired_session_is_none",
        "test_the_table_knows_hashes_only",
    },
    "accounts/test_strangers": {
        "test_a_code_on_its_way_to_the_chat_is_not_dropped_for_a_strangers",
        "test_made_up_cookies_open_nothing_and_break_nothing",
    },
    "appointments/test_devices": {
        "test_it_is_taken_back_or_gone_and_the_letters_go_on",
        "test_nothing_is_pushed_for_a_time_that_was_moved_and_a_browser_that_is_gone_is_forgotten",
        "test_the_browser_goes_with_the_time",
        "test_whatever_is_told_is_no_browser",
    },
    "appointments/test_slots": set(),
    "appointments/test_times": {
        "test_a_call_that_a_wiped_redis_forgot_is_begun_again",
        "test_a_person_is_told_and_forgotten",
        "test_a_time_is_chosen_confirmed_called_and_met",
        "test_links_that_are_not_ours",
        "test_moving_it_writes_to_nobody_more_often_than_choosing_it",
        "test_nobody_is_called_again_who_was_erased",
        "test_of_a_department_no_more_have_a_time_than_serve_it",
        "test_redis_clock_says_when_a_time_has_come",
        "test_those_with_a_time_stand_in_the_order_of_their_times",
        "test_what_is_old_is_forgotten",
        "test_whatever_is_typed_is_answered_in_words",
    },
    "hours/test_admin": {
        "test_holidays_are_closed_days_and_cost_nothing_where_no_country_is_chosen",
        "test_hours_are_made_changed_and_taken_away_and_every_process_hears_of_it",
        "test_no_form_breaks_it",
        "test_only_whom_somebody_has_given_it_may_edit_hours",
        "test_what_another_hand_has_written_closes_a_day_and_breaks_nothing",
    },
    "messages_left/test_attachments": {
        "test_a_file_that_the_scanner_has_no_answer_for_holds_up_no_other",
        "test_a_voice_message_goes_from_a_page_to_an_operator",
        "test_content_that_the_storage_keeps_for_good_holds_up_no_other",
        "test_drafts_are_charged_and_refused_as_messages_are",
        "test_of_many_at_once_as_many_are_taken_as_there_is_room_for",
        "test_retention_and_deleting_by_hand_take_them_along",
        "test_ten_thousand_files_are_few",
        "test_what_another_release_has_not_counted_is_counted_by_the_worker",
        "test_what_is_not_sent_is_little",
        "test_what_nobody_sends_goes_by_itself",
        "test_what_the_storage_does_not_let_go_is_found_again",
        "test_whatever_an_upload_says_it_is_taken_or_refused",
        "test_while_the_scanner_is_out_a_file_waits_and_then_opens_or_is_refused",
    },
    "messages_left/test_console": {
        "test_an_id_of_anybodys_making_is_nobodys_message",
        "test_only_the_oldest_are_shown_and_all_are_counted",
        "test_what_the_scanner_holds_is_named_and_not_opened",
    },
    "messages_left/test_leaving": {
        "test_a_database_that_is_out_is_said_so",
        "test_it_is_kept_and_operators_are_told",
        "test_whatever_is_typed_is_clean_or_refused",
        "test_who_it_is_is_known_where_it_is_proven",
    },
    "messages_left/test_recordings": set(),
    "messages_left/test_telegram": {
        "test_of_many_at_once_one_has_it",
        "test_one_takes_it_and_every_card_says_so",
        "test_who_is_erased_goes_from_the_chats",
        "test_who_may_no_longer_work_here_takes_nothing",
    },
    "messages_left/test_upload_gate": set(),
    "notifications/test_accept": {
        "test_a_card_of_an_overdue_customer_still_has_the_button",
        "test_who_comes_second_reads_who_was_first",
    },
    "notifications/test_accept_refused": set(),
    "notifications/test_admin": {
        "test_edits_are_left_out_until_asked_for",
        "test_one_notification_is_sent_again_from_its_page",
        "test_the_list_shows_state_attempts_and_error_and_filters",
        "test_the_page_of_an_operator_sends_a_test_to_them",
        "test_the_strip_counts_the_last_day_and_leads_to_its_rows",
        "test_what_is_under_way_and_codes_are_left_alone",
    },
    "notifications/test_cards": set(),
    "notifications/test_command": {
        "test_without_a_bot_it_says_that_it_only_logged",
    },
    "notifications/test_escalation": {
        "test_a_card_that_cannot_be_read_holds_up_nothing",
        "test_a_customer_nobody_takes_goes_to_the_backup_and_then_to_the_group",
        "test_a_worker_that_died_in_the_last_attempt_passes_it_on",
        "test_cards_that_cannot_be_read_take_nobodys_place",
        "test_five_failures_and_the_fallback_got_it",
        "test_receipts_stand_in_the_admin_step_by_step",
        "test_the_fallback_is_retried_with_backoff_and_given_up",
        "test_the_next_step_is_taken_once_by_two_sweeps",
        "test_the_operators_come_first_and_alone",
    },
    "notifications/test_mail": {
        "test_a_slow_mail_server_holds_up_no_message_to_an_operator",
    },
    "notifications/test_messages": set(),
    "notifications/test_otp": set(),
    "notifications/test_prompt": {
        "test_a_broker_that_hangs_delays_nobody",
        "test_a_transaction_makes_one_when_it_ends",
        "test_sent_again_by_hand_it_leaves_at_once",
        "test_what_is_rolled_back_makes_none",
    },
    "notifications/test_push": {
        "test_a_browser_is_kept_once_and_for_one_operator",
        "test_a_browser_is_told_no_more_when_its_operator_signs_out_there",
        "test_a_point_that_is_not_on_the_curve_ends_the_subscription",
        "test_each_browser_is_told_of_a_customer_without_a_name",
        "test_keys_that_nothing_can_be_encrypted_for_are_refused",
        "test_the_next_step_tells_the_browsers_of_the_backup",
        "test_the_oldest_browsers_make_room",
        "test_whatever_is_sent_is_kept_or_refused_in_words",
        "test_who_is_no_operator_any_more_is_told_nowhere",
    },
    "notifications/test_recipients": set(),
    "notifications/test_retry": {
        "test_a_group_that_became_a_supergroup_is_followed",
        "test_flood_control_holds_back_the_whole_chat_and_no_other",
    },
    "notifications/test_tasks": set(),
    "notifications/test_webhook": set(),
    "queueing/test_blocklist": {
        "test_everything_is_in_the_audit_trail",
        "test_networks",
        "test_the_command",
        "test_the_command_explains_what_is_wrong",
        "test_the_copy_is_made_once_a_minute_and_drops_what_is_over",
        "test_the_list_is_bounded",
        "test_what_is_kept_names_nobody",
    },
    "queueing/test_blocklist_admin": {
        "test_an_operator_blocks_an_address_for_a_week",
        "test_lifting_takes_the_permission",
        "test_the_action_of_the_list_leads_to_the_form_of_one",
    },
    "queueing/test_callback_letters": {
        "test_it_is_asked_for_recorded_and_written_once",
        "test_what_is_missed_is_work_for_somebody",
        "test_what_is_not_their_link_gives_nothing_up",
        "test_whatever_comes_is_refused_or_one_plain_address",
    },
    "queueing/test_callback_pushes": {
        "test_a_browser_that_was_chosen_meanwhile_stays",
        "test_nothing_of_the_browser_is_kept_readable",
        "test_whatever_a_browser_says_is_kept_sealed_or_refused_in_words",
        "test_who_cannot_be_told_at_all_is_held_as_ever_and_then_somebodys_work",
        "test_who_has_left_by_the_time_is_told_nothing",
    },
    "queueing/test_callback_telegram": {
        "test_a_press_that_was_long_under_way_counts",
        "test_nothing_of_the_chat_is_kept_readable",
        "test_stop_is_honoured",
        "test_whatever_a_page_asks_with_is_a_link_of_ours_or_refused_in_words",
        "test_whatever_a_stranger_starts_with_reaches_nobody",
        "test_whatever_stands_behind_a_letters_link_gives_nothing_up",
    },
    "queueing/test_commands": set(),
    "queueing/test_conversation_page": {
        "test_a_date_stands_where_a_day_changes",
        "test_a_running_call_is_summed_up_so_far",
        "test_nobody_can_write_a_line_that_another_seems_to_have_said",
        "test_the_export_has_everything",
        "test_the_list_asks_the_database_the_same_however_long_it_is",
        "test_the_list_finds_it",
        "test_what_a_customer_writes_is_text",
    },
    "queueing/test_line_history": {
        "test_a_jump_by_priority_and_a_pass_to_a_department_stand_in_the_log",
        "test_lists_and_files_can_be_of_one_department",
        "test_no_word_breaks_a_page",
    },
    "queueing/test_promises": {
        "test_the_command_compares_what_was_told_with_what_came",
    },
    "queueing/test_said_by_mail": {
        "test_retention_takes_an_address_that_was_left",
    },
    "queueing/test_visit": set(),
    "queueing/test_wipe": {
        "test_what_came_back_is_recorded_once",
    },
    "queueing/test_wiped_calls": set(),
    "queueing/test_words": set(),
    "sites/test_admin": {
        "test_no_form_breaks_it",
        "test_only_whom_somebody_has_given_it_may_edit_sites",
        "test_the_default_site_can_be_edited_and_stays",
        "test_the_first_language_is_one_that_is_offered",
        "test_the_typing_preview_is_switched_on_and_off_and_the_trail_says_so",
    },
    "sites/test_colours": set(),
    "sites/test_lines": {
        "test_the_form_asks_for_it_once_there_are_any_and_says_where_nobody_is",
        "test_who_serves_a_department_counts_at_once",
    },
    "sites/test_logo": {
        "test_a_picture_becomes_a_small_logo",
        "test_it_is_changed_and_taken_away",
        "test_no_bytes_break_it",
    },
    "sites/test_pages": {
        "test_a_site_speaks_the_languages_that_it_offers",
        "test_the_loader_may_ask_from_every_page",
    },
    "sites/test_preview": {
        "test_nothing_breaks_it",
        "test_what_is_wrong_stays_as_it_was",
    },
    "sites/test_questions": {
        "test_a_site_asks_what_its_owner_wrote",
        "test_no_question_breaks_the_form",
        "test_who_may_edit_a_site_may_edit_what_it_asks",
        "test_words_of_a_language_that_is_gone_stay",
    },
    "support/test_compression": set(),
    "support/test_embedded_beat": set(),
    "support/test_errors": set(),
    "support/test_every_address": {
        "test_every_answer_to_an_operator_has_its_headers",
    },
    "support/test_front_door": set(),
    "support/test_health": set(),
    "support/test_installable": set(),
    "support/test_maintenance": set(),
    "support/test_metrics": set(),
    "support/test_pages": set(),
    "support/test_parts": set(),
    "support/test_requestlog": set(),
    "support/test_roles": {
        "test_a_release_gives_back_what_a_role_has_and_takes_nothing",
        "test_a_role_is_given_and_changed_and_the_trail_says_so",
        "test_every_right_of_a_role_exists_and_no_group_has_another",
        "test_nobody_has_any_of_it_without_signing_in",
    },
    "support/test_texts": set(),
    "support/test_worker_metrics": set(),
}
"""Files about other things than the database (pages, forms, words, addresses, messengers, browsers, stored files, what
Redis decides), and of each the tests that run on PostgreSQL nevertheless: they send it a kind of statement that no
other test sends, values that are drawn, or several statements at once."""

OF_OTHERS = {
    "notifications/test_erasure": {
        "test_an_edit_that_fails_is_tried_again_and_one_that_is_refused_is_named",
        "test_redis_file_does_not_keep_what_was_erased",
        "test_what_was_on_its_way_while_it_was_erased_is_edited_afterwards",
    },
    "queueing/test_reports": {
        "test_a_bad_period_gets_a_clear_error",
        "test_an_empty_page_says_so",
        "test_both_languages_draw_the_same_numbers",
        "test_charts_fit_their_box_and_say_the_same_as_their_tables",
        "test_only_operators_see_reports",
        "test_the_files_of_a_turkish_admin_open_in_a_turkish_spreadsheet",
        "test_the_page_draws_without_scripts_and_styles",
    },
}
"""Of files about the database the tests that are about messengers, Redis and pages: these alone it does not see."""


def says_the_same(file: str, test: str) -> bool:
    """`file` from `tests/` on and without its ending; `test` without its cases."""
    if file in ABOUT_OTHER_THINGS:
        return test not in ABOUT_OTHER_THINGS[file]
    return test in OF_OTHERS.get(file, ())
