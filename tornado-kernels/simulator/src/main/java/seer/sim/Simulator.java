package seer.sim;

/// The name under which the simulator appears, and the choice of its [Settings] for a stretch of code.
public final class Simulator {

    /// The device name: programs that report times must refuse it.
    public static final String NAME = "simulator";

    private static final ScopedValue<Settings> SETTINGS = ScopedValue.newInstance();

    private Simulator() {
    }

    /// Runs `action` with other settings than the process's.
    public static void with(Settings settings, Runnable action) {
        ScopedValue.where(SETTINGS, settings).run(action);
    }

    /// Those of the innermost [#with], or else those of the system properties.
    public static Settings settings() {
        return SETTINGS.isBound() ? SETTINGS.get() : Settings.fromProperties();
    }
}
