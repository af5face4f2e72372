package seer.run;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.course.RetrievalSequences;
import seer.gate.prompt.Family;

/// Kinds of retrieval prompts that are trained on, beside the share of them that a training has.
final class TrainedFamilies {
    @Option(names = "--families", paramLabel = "NAME", split = ",",
            defaultValue = "single,multikey,multivalue,multiquery,track",
            description = "Kinds of retrieval prompts; one that is named twice comes twice as often "
                    + "(default: ${DEFAULT-VALUE}).",
            converter = FamilyOption.class)
    private List<Family> families;

    @Spec(Spec.Target.MIXEE) private CommandSpec command;

    List<Family> families() {
        return families;
    }

    /// @param retrieval share of sequences that are such prompts
    void check(double retrieval) {
        if (!(retrieval >= 0 && retrieval <= 1)) {
            throw new UsageException("--retrieval is " + retrieval + ", wanted 0 to 1");
        }
        if (retrieval == 0) {
            IdleOptions.refuse(command, List.of("--families"), "with --retrieval 0, which has no such prompts");
        }
        if (!RetrievalSequences.ALL.containsAll(families)) {
            throw new UsageException("--families has more than " + RetrievalSequences.ALL.stream()
                    .map(FamilyOption::label).toList());
        }
    }

    /// What the sequences are made of beside the text, in words.
    String mix(double retrieval) {
        return " retrieval=" + retrieval + (families.equals(RetrievalSequences.ALL) ? "" : " families=" + families);
    }
}
