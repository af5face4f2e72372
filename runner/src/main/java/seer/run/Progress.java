package seer.run;

import java.util.function.DoubleConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// A bar with the time left on standard error; silent where standard error is not a terminal.
///
/// The launcher knows whether it is: it sets the system property `seer.terminal`.
final class Progress implements DoubleConsumer, AutoCloseable {
    private static final int STEPS = 1000;

    private final ProgressBar bar; // null where nothing is to be shown

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    static Progress of(String task) {
        if (!Boolean.getBoolean("seer.terminal")) {
            return new Progress(null);
        }
        return new Progress(new ProgressBarBuilder().setTaskName(task).setInitialMax(STEPS)
                .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(200)
                .clearDisplayOnFinish().build());
    }

    @Override
    public void accept(double share) {
        if (bar != null) {
            bar.stepTo(Math.round(share * STEPS));
        }
    }

    /// Shows a few words behind the bar.
    void say(String words) {
        if (bar != null) {
            bar.setExtraMessage(" " + words);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
