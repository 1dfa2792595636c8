from dssd_tf.report.side_by_side.short_paths import short_paths


def test_two_parts_are_kept_and_other_values_untouched():
    values = ["/home/me/sets/tau", ["/x/y/z", "b/c/d"], "a/b/c/d", 3, None, "/etc/x"]
    assert short_paths(values) == ["…/sets/tau", ["…/y/z", "b/c/d"], "a/b/c/d", 3, None, "/etc/x"]


def test_different_paths_stay_different():
    values = ["/home/a/sets/tau", "/home/b/sets/tau", "/home/a/sets/tau"]
    assert short_paths(values) == ["…/a/sets/tau", "…/b/sets/tau", "…/a/sets/tau"]
