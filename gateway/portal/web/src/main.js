import { enhanceButtons } from './buttons.js';
import { enhanceUploadForm } from './upload_form.js';

enhanceUploadForm();
enhanceButtons();
