package seer.run;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Options that would change nothing beside the others: whoever gives one expects something of it.
final class IdleOptions {
    private IdleOptions() { }

    /// Refuses the first of these that was given.
    ///
    /// @param why what makes it idle, as it goes on behind the option's name
    static void refuse(CommandSpec command, List<String> options, String why) {
        var given = command.commandLine().getParseResult();
        for (String option : options) {
            if (given.hasMatchedOption(option)) {
                throw new UsageException(option + " " + why);
            }
        }
    }
}
