// Starts Swagger UI on the description that the running product makes of itself. A file of its own, because the
// page allows no script inside it.
window.addEventListener('load', () => {
  window.SwaggerUIBundle({
    url: '/api/v1/openapi.json',
    dom_id: '#swagger-ui',
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    filter: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    // The default sends the description to a validator outside.
    validatorUrl: null,
  });
});
