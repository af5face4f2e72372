package seer.run.bench;

import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.descriptive.moment.StandardDeviation;

/// Repetitions of one piece of work, in milliseconds.
public record Timing(double... millis) {

    /// How often something runs.
    ///
    /// @param warmUp       repetitions at least that do not count
    /// @param warmUpMillis for so long they go on: the Java around a launch takes some thousand runs until the JVM has
    ///                     compiled it
    /// @param repetitions  that count
    public record Plan(int warmUp, int warmUpMillis, int repetitions) { }

    /// Repeats some work.
    ///
    /// @param work     returns what it took
    /// @param progress told the share done, 0 to 1
    static Timing of(Plan plan, DoubleSupplier work, DoubleConsumer progress) {
        long begin = System.nanoTime();
        for (int i = 0; i < plan.warmUp || (System.nanoTime() - begin) * 1e-6 < plan.warmUpMillis; i++) {
            work.getAsDouble();
        }
        var millis = new double[plan.repetitions];
        for (int i = 0; i < plan.repetitions; i++) {
            millis[i] = work.getAsDouble();
            progress.accept((i + 1.0) / plan.repetitions);
        }
        return new Timing(millis);
    }

    /// Milliseconds on the wall.
    static double wall(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) * 1e-6;
    }

    /// The mean.
    public double mean() {
        return StatUtils.mean(millis);
    }

    /// Standard deviation of the repetitions; NaN of one alone.
    public double deviation() {
        return millis.length < 2 ? Double.NaN : new StandardDeviation().evaluate(millis);
    }

    /// The shortest.
    public double minimum() {
        return StatUtils.min(millis);
    }

    /// The longest.
    public double maximum() {
        return StatUtils.max(millis);
    }

    /// `amount` of something done in each repetition, by the second.
    Timing per(double amount) {
        var rates = new double[millis.length];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = amount / millis[i] * 1e3;
        }
        return new Timing(rates);
    }
}
