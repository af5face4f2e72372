package uk.ac.manchester.tornado.api.enums;

/// Where a profile goes. The simulator accepts a mode and measures nothing.
public enum ProfilerMode {
    CONSOLE, SILENT
}
