package seer.run;

import picocli.CommandLine.IVersionProvider;

/// The version in the jar's manifest.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"seer " + number() + ", JDK " + System.getProperty("java.vm.version")};
    }

    /// Of this program alone.
    static String number() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(not from a jar)" : version;
    }
}
