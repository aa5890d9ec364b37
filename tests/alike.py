"""Which tests that use the database PostgreSQL does not see: they would only say the same a second time.

All of them run on SQLite. A statement is of the same kind as another one when both are equal but for values and the
length of lists.
"""

from __future__ import annotations

ABOUT_OTHER_THINGS: dict[str, set[str]] = {
    "accounts/test_admin_pages": set(),
    "accounts/test_login_page": set(),
    "accounts/test_otp_endpoints": {
        "test_the_code_stands_in_no_row_and_no_log_line",
    },
    "accounts/test_permissions": {
        "test_the_trail_is_searched_and_filtered_and_never_changed",
        "test_the_trail_shows_an_operator_his_own_entries",
    },
    "accounts/test_redis_outage": set(),
    "accounts/test_strangers": {
        "test_a_code_on_its_way_to_the_chat_is_not_dropped_for_a_strangers",
        "test_made_up_cookies_open_nothing_and_break_nothing",
    },
    "appointments/test_slots": set(),
    "hours/test_admin": {
        "test_holidays_are_closed_days_and_cost_nothing_where_no_country_is_chosen",
        "test_hours_are_made_changed_and_taken_away_and_every_process_hears_of_it",
        "test_no_form_breaks_it",
        "test_only_whom_somebody_has_given_it_may_edit_hours",
        "test_what_another_hand_has_written_closes_a_day_and_breaks_nothing",
    },
    "messages_left/test_recordings": set(),
    "messages_left/test_upload_gate": set(),
    "notifications/test_accept": {
        "test_a_card_of_an_overdue_customer_still_has_the_button",
        "test_who_comes_second_reads_who_was_first",
    },
    "notifications/test_accept_refused": set(),
    "notifications/test_cards": set(),
    "notifications/test_mail": {
        "test_a_slow_mail_server_holds_up_no_message_to_an_operator",
    },
    "notifications/test_messages": set(),
    "notifications/test_otp": set(),
    "notifications/test_webhook": set(),
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
    "queueing/test_said_by_mail": {
        "test_retention_takes_an_address_that_was_left",
    },
    "queueing/test_visit": set(),
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
"""Files about other things than the database (pages, forms, words, addresses, messengers), and of each the tests that
run on PostgreSQL nevertheless: they send it a kind of statement that no other test sends, or values that are drawn."""


def says_the_same(file: str, test: str) -> bool:
    """`file` from `tests/` on and without its ending; `test` without its cases."""
    return file in ABOUT_OTHER_THINGS and test not in ABOUT_OTHER_THINGS[file]
