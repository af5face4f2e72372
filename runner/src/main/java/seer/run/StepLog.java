package seer.run;

import java.io.PrintWriter;

/// A line for every twentieth of a training and at least every minute, and the progress bar: what a step says, and the
/// time that is left.
final class StepLog {
    private static final int LINES = 20;
    private static final double SILENCE = 60; // seconds

    private final int steps;
    private final Progress progress;
    private final PrintWriter print;
    private double seconds; // of the steps counted
    private int counted;
    private double silent;

    /// @param steps of the whole training
    StepLog(int steps, Progress progress, PrintWriter print) {
        this.steps = steps;
        this.progress = progress;
        this.print = print;
    }

    /// @param step  steps made
    /// @param taken seconds of this one
    /// @param words what it did
    void add(int step, double taken, String words) {
        if (counted == 1) { // the first step of a run is slower than the others: it counts as long as it is alone
            seconds = 0;
            counted = 0;
        }
        seconds += taken;
        counted++;
        silent += taken;
        int left = steps - step;
        String line = words + (left == 0 ? "" : ", " + TimeLeft.words(left * seconds / counted) + " left");
        progress.accept((double) step / steps);
        progress.say(line);
        int often = Math.max(1, steps / LINES);
        if (step % often == 0 || step == 1 || left == 0 || silent >= SILENCE) {
            silent = 0;
            print.println(line);
            print.flush();
        }
    }
}
