package seer.model.text;

import java.time.Duration;

/// The time that the regular expressions of a tokenizer may take for one text, all together.
///
/// A published pattern takes under a microsecond for a character. One made to backtrack, by malice or by mistake,
/// takes years: the limit tells them apart with room to spare on a slow and busy machine.
final class WorkLimit {
    private static final long ALWAYS = Duration.ofSeconds(10).toNanos();
    private static final long PER_CHARACTER = Duration.ofNanos(20_000).toNanos();

    private final long allowed;
    private long left;

    WorkLimit(Duration allowed) {
        this.allowed = allowed.toNanos();
        this.left = this.allowed;
    }

    /// What a text of so many characters may take.
    static WorkLimit of(int characters) {
        return new WorkLimit(Duration.ofNanos(ALWAYS + PER_CHARACTER * characters));
    }

    /// Nanoseconds that are left, at least 1.
    long left() {
        return Math.max(1, left);
    }

    void spend(long nanoseconds) {
        left -= nanoseconds;
    }

    boolean exceeded() {
        return left <= 0;
    }

    @Override
    public String toString() {
        return "%.1f seconds".formatted(allowed / 1e9);
    }
}
