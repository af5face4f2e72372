package seer.eval.longbench;

import java.util.List;

/// One line of a LongBench file.
///
/// @param id      `_id`
/// @param input   what is asked
/// @param context the long text
/// @param answers all right answers
/// @param classes `all_classes` of a classification, else empty
public record Example(String id, String input, String context, List<String> answers, List<String> classes) { }
