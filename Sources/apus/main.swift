// The standard distribution. To build one of your own, copy this file and change the lists.
import CommandLine
import Connectors
import Exporters
import Extensions
import Pipeline
import Processors
import Receivers

await Apus.main(
    ComponentCatalog(
        receivers: standardReceivers, processors: standardProcessors, exporters: standardExporters,
        connectors: standardConnectors, extensions: standardExtensions))
