// The worker in which pdf.js reads a file: a file from outside is never read by the page itself, nor by the server.
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
