// For tests only: the way of a diagram through the modeler that administrators will draw with.
//
// window.roundtrip(xml) → {warnings: [text, …], xml}
// imports the XML into a real bpmn-js modeler that knows the Camunda 7 attributes, and exports it again.

import Modeler from 'bpmn-js/lib/Modeler';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';

window.roundtrip = async (source) => {
  const container = document.createElement('div');
  document.body.append(container);
  const modeler = new Modeler({ container, moddleExtensions: { camunda } });
  try {
    const { warnings } = await modeler.importXML(source);
    const { xml } = await modeler.saveXML({ format: true });
    return { warnings: warnings.map((warning) => warning.message), xml };
  } finally {
    modeler.destroy();
    container.remove();
  }
};
