package seer.run;

/// What pictures need: Java's desktop module. Small runtimes lack it, and without it nothing else here does.
final class Desktop {
    private static final String MODULE = "java.desktop";

    private Desktop() { }

    /// Why no picture can be drawn, or null where one can.
    static String obstacle() {
        return ModuleLayer.boot().findModule(MODULE).isPresent() ? null
                : "this Java runtime has no module " + MODULE;
    }

    /// Refuses an option that asks for a picture, before anything is measured.
    static void require(String option) {
        String obstacle = obstacle();
        if (obstacle != null) {
            throw new IllegalStateException(option + " draws a picture, but " + obstacle
                    + ": leave it out, or take a JDK that has it");
        }
    }

    /// Pictures are files: no display is looked for.
    static void headless() {
        System.setProperty("java.awt.headless", "true");
    }
}
